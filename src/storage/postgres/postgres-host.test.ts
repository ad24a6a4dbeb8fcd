import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import {
  createPlainDatabase,
  createTestDatabase,
  hasVectors,
} from '../../../test/setup/postgres-server.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'

describePostgres('PostgreSQL', () => {
  describeStore(
    'the engine on a server',
    async () => {
      const database = await createTestDatabase()
      const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
      return { store, cleanUp: database.remove }
    },
    { vectors: hasVectors() },
  )

  describeStore(
    'the engine on a server, for a user who has no pgvector and may not create it',
    async () => {
      const database = await createPlainDatabase()
      const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
      return { store, cleanUp: database.remove }
    },
    {
      vectors: false,
      groups: ['search', 'archives and passages', 'vectors that cannot be kept'],
    },
  )
})

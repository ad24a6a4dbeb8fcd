import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase } from '../../../test/setup/postgres-server.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'

describePostgres('PostgreSQL', () => {
  describeStore('the engine on a server', async () => {
    const database = await createTestDatabase()
    const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
    return { store, cleanUp: database.remove }
  })
})

import type { Migration } from '../migration.ts'
import { agentsTables } from './agents.ts'
import { archivesTables } from './archives.ts'
import { conversationsTables } from './conversations.ts'
import { searchTables } from './search.ts'
import { tenantsTables } from './tenants.ts'
import { postgresTables } from './postgres/postgres-tables.ts'
import { turnsTables } from './turns.ts'

/** The shape of the first release. */
export const initialMigration: Migration = {
  number: 1,
  name: 'initial',
  embedded: [
    tenantsTables,
    agentsTables,
    conversationsTables,
    turnsTables,
    archivesTables,
    searchTables,
  ].join('\n'),
  postgres: postgresTables,
}

import { agentsTables } from './agents.ts'
import { archivesTables } from './archives.ts'
import { conversationsTables } from './conversations.ts'
import { foldFunction } from './fold.ts'
import { searchTables } from './search.ts'
import { tenantsTables } from './tenants.ts'
import { turnsTables } from './turns.ts'

/** The shape of the first release on PostgreSQL. */
export const postgresTables = [
  foldFunction,
  tenantsTables,
  agentsTables,
  conversationsTables,
  turnsTables,
  archivesTables,
  searchTables,
].join('\n')

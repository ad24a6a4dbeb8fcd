import { hash } from 'node:crypto'
import type { TenantScope } from '../../domain/scope.ts'
import type { ForgetOwners } from '../contract/forget-store.ts'
import { textTable, textTableNames, type TextTableName } from '../stored-texts.ts'
import { among, ownedBy, quoteName } from './forget-rows.ts'
import type { SqlExpression, SqlRow } from './sql-value.ts'

/** Numbers over all rows, or some columns of every row. */
type Sign = { readonly numbers: readonly string[] } | { readonly compared: readonly string[] }

/**
 * What tells that words came into a table since a plan was made. Where rows only come, or get a new version with every
 * change, numbers do; where their words may change in place, the words themselves are compared.
 */
const signs: Readonly<Record<TextTableName, 'words' | Sign>> = {
  agents: 'words',
  agent_tags: 'words',
  blocks: 'words',
  block_versions: { numbers: ['count(*)'] },
  archives: 'words',
  passages: { numbers: ['count(*)', 'sum(version)', 'max(updated_at)'] },
  passage_tags: { numbers: ['count(*)', 'count(DISTINCT tag)'] },
  passage_versions: { numbers: ['count(*)'] },
  facts: { numbers: ['count(*)'] },
  memory_changes: { numbers: ['count(*)', 'max(number)'] },
  memory_proposals: { numbers: ['count(*)', 'max(number)'] },
  conversations: 'words',
  messages: { numbers: ['count(*)', 'max(sequence)'] },
  summary_sources: { numbers: ['count(*)'] },
  conversation_items: { numbers: ['count(*)'] },
  turns: { numbers: ['count(*)', 'max(sequence)', 'max(updated_at)', 'count(waiting_for)'] },
  runs: {
    numbers: [
      'count(*)',
      'sum(length(metadata))',
      'count(callback_error)',
      'sum(callback_sent_at)',
    ],
  },
  steps: { numbers: ['count(*)', 'max(sequence)', 'count(error)'] },
  tool_calls: { numbers: ['count(*)', 'count(result)', 'max(completed_at)'] },
  events: { numbers: ['count(*)'] },
  signals: 'words',
  schedules: 'words',
  // What a job of the tenant's says when it is done is numbers, and changes all the time.
  jobs: { compared: ['id', 'payload', 'last_error'] },
  imported_messages: { numbers: ['count(*)'] },
  accepted_otids: { numbers: ['count(*)'] },
}

/**
 * The queries whose answers are another when anything was said, remembered or stored in these owners' name, or when they
 * got another archive or block: of what a plan did not see nothing may be left behind.
 */
export function selectSigns(scope: TenantScope, owners: ForgetOwners): readonly SqlExpression[] {
  const { tenantId } = scope
  const agents = among(owners.agentIds)
  const links = (['archive_id', 'block_id'] as const).map((column) => ({
    sql: `SELECT agent_id, ${column} FROM agent_${column.slice(0, -3)}s
      WHERE tenant_id = ? AND agent_id ${agents.sql} ORDER BY 1, 2`,
    values: [tenantId, ...agents.values],
  }))
  return [...links, ...textTableNames.map((table) => selectSign(scope, owners, table))]
}

function selectSign(scope: TenantScope, owners: ForgetOwners, table: TextTableName): SqlExpression {
  const owned = ownedBy(table, scope, owners)
  const { key, texts, wholeTexts = [] } = textTable(table)
  const sign = signs[table]
  const order = key.map(quoteName).join(', ')
  const words = [...new Set([...key, ...Object.keys(texts), ...wholeTexts])]
  const from = `FROM ${table} WHERE tenant_id = ? AND ${owned.sql}`
  const values = [scope.tenantId, ...owned.values]
  if (sign !== 'words' && 'numbers' in sign) {
    return { sql: `SELECT ${sign.numbers.join(', ')} ${from}`, values }
  }
  const columns = (sign === 'words' ? words : sign.compared).map(quoteName)
  return { sql: `SELECT ${columns.join(', ')} ${from} ORDER BY ${order}`, values }
}

/** The answers to {@link selectSigns} as one short text that holds no word of them. */
export function toMark(answers: readonly (readonly SqlRow[])[]): string {
  return hash('sha256', JSON.stringify(answers), 'hex').slice(0, 32)
}

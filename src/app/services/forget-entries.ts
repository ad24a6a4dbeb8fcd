import { forgottenMark } from '../../domain/forget.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { textIn, numberIn, type ForgetPlan } from '../../memory/forget/forget-plan.ts'
import { toMessage } from '../../memory/forget/row-words.ts'
import { messageEntry, passageEntry } from '../../memory/search/search-entry.ts'
import type { ForgetWrite, StoredTextRow } from '../../storage/contract/forget-store.ts'
import type { AppParts } from '../app-parts.ts'

/** What messages and passages whose words were cut are found by from now on. */
export async function entriesOf(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  plan: Pick<ForgetPlan, 'rewritten' | 'unindexed'>,
): Promise<ForgetWrite['entries']> {
  const zones = new Map<string, string>()
  const entries: { itemId: string; entry: ForgetWrite['entries'][number]['entry'] }[] =
    plan.unindexed.map((itemId) => ({ itemId, entry: null }))
  for (const { table, row } of plan.rewritten) {
    const itemId = textIn(row, 'id')
    const rest = withoutMarks(row)
    if (table === 'passages') {
      const passage = { text: textIn(rest, 'text'), createdAt: numberIn(row, 'created_at') }
      entries.push({ itemId, entry: passageEntry(passage, { timezone: 'UTC' }) })
      continue
    }
    const agentId = textIn(row, 'agent_id')
    const timezone = zones.get(agentId) ?? (await store.getAgent(scope, { id: agentId })).timezone
    zones.set(agentId, timezone)
    entries.push({ itemId, entry: messageEntry(toMessage(rest), { timezone }) })
  }
  return entries
}

/** A row without the marks of what was cut, which nobody looks for. */
function withoutMarks(row: StoredTextRow): StoredTextRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' ? value.replaceAll(forgottenMark, '') : value,
    ]),
  )
}

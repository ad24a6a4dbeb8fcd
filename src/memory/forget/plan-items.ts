import type { ForgetItem } from '../../domain/forget.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { textTable, type TextTableName } from '../../storage/stored-texts.ts'

/** The values that name a row. */
export function keyOf(table: TextTableName, row: StoredTextRow): (string | number)[] {
  return textTable(table).key.map((column) => row[column] ?? '')
}

/** What people call a row of each table. */
const kinds: Readonly<Record<TextTableName, string>> = {
  agents: 'agent',
  agent_tags: 'tag',
  blocks: 'block',
  block_versions: 'past block',
  archives: 'archive',
  passages: 'passage',
  passage_tags: 'tag',
  passage_versions: 'past passage',
  facts: 'fact',
  memory_changes: 'change',
  memory_proposals: 'proposal',
  conversations: 'conversation',
  messages: 'message',
  conversation_items: 'added text',
  summary_sources: 'source of a summary',
  turns: 'turn',
  runs: 'run',
  steps: 'step',
  tool_calls: 'tool call',
  events: 'event',
  signals: 'signal',
  schedules: 'schedule',
  jobs: 'job',
  imported_messages: 'import key',
  accepted_otids: 'message key',
}

/** A row for the person who decides; it quotes, and is cut, unless somebody says more. */
export function itemOf(table: TextTableName, key: readonly (string | number)[]): ForgetItem {
  const id =
    table === 'memory_changes' || table === 'memory_proposals' ? `m-${key[0]}` : key.join('@')
  return {
    kind: kinds[table],
    id,
    reason: 'quotes',
    effect: 'cut',
    snippet: null,
    becomes: null,
    at: null,
  }
}

/** How many of each kind there are, by what happens to them. */
export function countItems(items: readonly ForgetItem[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, effect } of items) {
    const name = `${kind} ${effect}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

import type { Client, MemoryChange, UserMessageResponse } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'

/** What a turn did to memory. */
export interface MemoryNotes {
  /** Changes, oldest first. */
  readonly changes: readonly MemoryChange[]
  /** Edits that wait for a review. */
  readonly proposed: readonly { readonly id: string; readonly notes: readonly string[] }[]
}

const nothing: MemoryNotes = { changes: [], proposed: [] }

/** The most changes of one turn that are told. */
const toldChanges = 50

/** What a turn remembered, changed and forgot; asks only when it called tools. */
export async function readMemoryNotes(
  client: Client,
  agentId: string,
  response: UserMessageResponse,
): Promise<MemoryNotes> {
  const { runId } = response
  if (runId === null || !response.some(({ type }) => type === 'tool_call')) return nothing
  const memory = client.memory(agentId)
  const [changes, open] = await Promise.all([
    memory.history({ runId, limit: toldChanges }),
    memory.proposals('open'),
  ])
  const proposed = open.filter((proposal) => proposal.run_id === runId)
  return { changes: changes.toReversed(), proposed: proposed.toReversed() }
}

/** What a change did, with how to take it back. */
export function toChangeLine({
  id,
  kind,
  text,
}: Pick<MemoryChange, 'id' | 'kind' | 'text'>): string {
  return `${kind}: ${toOneLine(text, 100)}  [undo ${id}]`
}

/** A line for each, such as `remembered: base images = Alpine  [undo m-12]`. */
export function renderMemoryNotes({ changes, proposed }: MemoryNotes): readonly string[] {
  return [
    ...changes.map(toChangeLine),
    ...proposed.map(
      ({ id, notes }) => `to review: ${toOneLine(notes.join('; '), 100)}  [review ${id}]`,
    ),
  ]
}

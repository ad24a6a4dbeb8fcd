import { itemsFrom } from '../domain/conversation-items.ts'
import { messageText } from '../domain/message.ts'
import { saysAll, wordsOf } from '../memory/analysis/words-of.ts'
import type { FactEdit } from '../memory/facts/place-fact.ts'
import { textSources } from './text-sources.ts'
import type { ActiveTurn } from './turn-state.ts'

/** How many messages that a turn was shown are looked at. */
const mostShown = 50

/**
 * Facts with the messages that they were taken from: what a user did not say in the turn itself but was recalled for it, or
 * found by a search of it, has the messages that say it among its sources. So it goes with them, and leads back to them.
 */
export async function withRecalledSources(
  turn: ActiveTurn,
  edits: readonly FactEdit[],
): Promise<readonly FactEdit[]> {
  const said = wordsOf(textSources(turn).said)
  const isTaken = (edit: FactEdit): boolean => !wordsOf(valueOf(edit)).isSubsetOf(said)
  if (!edits.some(isTaken)) return edits
  const shown = await readShown(turn)
  return edits.map((edit) => {
    if (!isTaken(edit)) return edit
    const wanted = wordsOf(valueOf(edit))
    const ids = shown.flatMap(({ id, words }) => (saysAll(words, wanted) ? [id] : []))
    return ids.length === 0 ? edit : withSources(edit, ids)
  })
}

/** What an edit states; empty when it states nothing. */
function valueOf(edit: FactEdit): string {
  if (edit.action === 'create') return edit.statement.value
  return edit.action === 'edit' ? (edit.set.value ?? '') : ''
}

function withSources(edit: FactEdit, ids: readonly string[]): FactEdit {
  if (edit.action === 'create') {
    const sourceMessageIds = [...new Set([...edit.statement.sourceMessageIds, ...ids])]
    return { ...edit, statement: { ...edit.statement, sourceMessageIds } }
  }
  if (edit.action === 'delete') return edit
  const known = edit.set.sourceMessageIds ?? edit.before.sourceMessageIds
  return { ...edit, set: { ...edit.set, sourceMessageIds: [...new Set([...known, ...ids])] } }
}

/** The messages that were recalled for a turn or found in it, with their words. */
async function readShown({
  parts,
  scope,
  work,
}: ActiveTurn): Promise<readonly { readonly id: string; readonly words: ReadonlySet<string> }[]> {
  const named = itemsFrom(work.items, work.tailPosition).flatMap((item) =>
    item.kind === 'tail'
      ? item.sources
      : item.message.toolReturns.flatMap(({ text }) => text.match(messageIds) ?? []),
  )
  const ids = [...new Set(named)].filter((id) => id.startsWith('message-')).slice(0, mostShown)
  if (ids.length === 0) return []
  const messages = await parts.store.getMessages(scope, { ids })
  return messages.map((message) => ({ id: message.id, words: wordsOf(messageText(message)) }))
}

const messageIds = /\bmessage-[0-9a-f-]{36}\b/g

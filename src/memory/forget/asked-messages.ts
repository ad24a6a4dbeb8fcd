import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { textIn, type ForgetWish, type TextSource } from './forget-plan.ts'
import type { Matcher } from './matcher.ts'
import { tellingPieces } from './needles.ts'
import { itemOf, missing, type RemovalSet, type Turns } from './removal-set.ts'
import { messageWords, snippetOf } from './row-words.ts'

/** What messages are found by. */
interface Search {
  readonly wish: ForgetWish
  readonly turns: Turns
  /** The words of a query, unless only they go. */
  readonly matcher: Matcher | null
}

/** Finds the messages that were asked for, one by one, by their conversation or agent, or by words. */
export async function findAskedMessages(
  source: TextSource,
  set: RemovalSet,
  { wish, turns, matcher }: Search,
): Promise<void> {
  const wanted = new Set(
    wish.targets.flatMap((target) => (target.kind === 'message' ? [target.id] : [])),
  )
  for await (const row of source.rows('messages')) {
    const isNamed = wanted.delete(textIn(row, 'id'))
    if (isNamed || isInWhole(set, row) || holdsWords(row, matcher)) {
      addMessage(set, row, { isNamed, turnId: turns.turnOfInput.get(textIn(row, 'id')) })
    }
  }
  for (const id of wanted) throw missing('message', id)
}

/** Whether a message goes with its conversation or agent. */
function isInWhole(set: RemovalSet, row: StoredTextRow): boolean {
  if (set.agentIds.has(textIn(row, 'agent_id'))) return true
  return textIn(row, 'role') !== 'system' && set.conversationIds.has(textIn(row, 'conversation_id'))
}

/** Whether a person's message holds the words; what an agent says in a turn is judged with the turn. */
function holdsWords(row: StoredTextRow, matcher: Matcher | null): boolean {
  const role = textIn(row, 'role')
  const isFirstHand = role === 'user' || (role === 'assistant' && row['run_id'] === null)
  return isFirstHand && matcher?.matches(messageWords(row)) === true
}

/**
 * A message of a person goes with its turn, one that no turn made by itself. One that an agent made in a turn that stays
 * loses its words only: the groups of calls and returns stay whole.
 */
function addMessage(
  set: RemovalSet,
  row: StoredTextRow,
  { isNamed, turnId }: { readonly isNamed: boolean; readonly turnId: string | undefined },
): void {
  const id = textIn(row, 'id')
  const words = messageWords(row)
  if (isNamed && textIn(row, 'role') === 'summary') {
    set.summaryIds.add(id)
    return
  }
  const isOfTurn = row['run_id'] !== null
  const isEmptied = isNamed && isOfTurn && turnId === undefined
  if (isEmptied) {
    set.emptiedIds.add(id)
    if (typeof row['step_id'] === 'string') set.emptiedSteps.add(row['step_id'])
  } else {
    set.messageIds.add(id)
    if (turnId !== undefined) set.turnIds.add(turnId)
  }
  if (isNamed || !isOfTurn || textIn(row, 'role') === 'user')
    set.pieces.push(...tellingPieces(words))
  const effect = isEmptied ? 'empty' : 'remove'
  set.items.push({ ...itemOf(row, 'message'), effect, snippet: snippetOf(words) })
}

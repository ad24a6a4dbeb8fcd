import type { JournaledReturn, TurnWork } from '../storage/contract/turn-store.ts'
import { cutReturn, errorReturn, type CallReturn } from './run-tool.ts'
import type { ActiveTurn } from './turn-state.ts'

/** The return of a call that was denied or that the caller ran, cut to what one return may take of the window. */
export function givenReturn(turn: ActiveTurn, given: JournaledReturn): CallReturn {
  const text = cutReturn(turn, { returnLimit: Number.POSITIVE_INFINITY }, given.text)
  return { kind: 'return', value: { ...given, text } }
}

/** The return of a call of the caller's own tool that came back allowed instead of done. */
export function withoutReturn(name: string): CallReturn {
  const text = `Cannot run ${name} here: it is a tool of the caller, who allowed the call and sent no result of it. Ask for the result, or go on without.`
  return { kind: 'return', value: errorReturn(text) }
}

/** The place that an answer to the last step kept free for its returns; null = there was none, they go to the end. */
export function placeOfReturns({ items, lastStep }: TurnWork): number | null {
  const answer = items.findLast(
    (item) =>
      item.kind === 'message' &&
      item.message.approvals.length > 0 &&
      item.message.stepId === lastStep?.id,
  )
  return answer === undefined ? null : answer.position + 1
}

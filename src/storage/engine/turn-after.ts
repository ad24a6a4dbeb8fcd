import type { TurnEnd } from '../contract/turn-store.ts'
import { toJsonColumn } from './sql-value.ts'

/** State, stop reason and wait of a turn after the end of its run, as its columns hold them. */
export function turnAfter(
  end: Pick<TurnEnd, 'stopReason' | 'waitingFor'>,
): readonly [state: string, stopReason: string | null, waitingFor: string | null] {
  return end.waitingFor === null
    ? ['ended', end.stopReason, null]
    : ['waiting', null, toJsonColumn(end.waitingFor)]
}

import { endTurn } from './end-turn.ts'
import { runModelStep } from './model-step.ts'
import { cancelTools, runTools } from './run-tools.ts'
import { stopAfterCalls } from './stop-after-calls.ts'
import {
  type ActiveTurn,
  isCancelled,
  isPaused,
  type RoundResult,
  throwIfGivenUp,
  unchanged,
} from './turn-state.ts'

/**
 * Does the next thing a turn needs, from what is stored alone: run or close the open tool calls, end
 * the turn, or ask the model.
 * This is the whole loop; after a crash it goes on where the last commit left it.
 */
export async function advanceTurn(turn: ActiveTurn): Promise<RoundResult> {
  throwIfGivenUp(turn.signal)
  const { work } = turn
  const isOpen = work.toolCalls.some((call) => call.state !== 'done')
  if (isCancelled(turn.signal)) {
    if (isOpen) return await cancelTools(turn)
    return await endTurn(turn, { stopReason: 'cancelled', error: null })
  }
  if (isPaused(turn.signal)) return unchanged(turn)
  if (isOpen) return await runTools(turn)
  const stopReason = stopAfterCalls(turn)
  return stopReason === null
    ? await runModelStep(turn)
    : await endTurn(turn, { stopReason, error: null })
}

import { endTurn } from './end-turn.ts'
import { runModelStep } from './model-step.ts'
import { runTools } from './run-tools.ts'
import { endsTurn } from './tool-rules.ts'
import { type ActiveTurn, isCancelled, type RoundResult, throwIfGivenUp } from './turn-state.ts'

/**
 * Does the next thing a turn needs, from what is stored alone: run the open tool calls, end the turn, or ask the model.
 * This is the whole loop; after a crash it goes on where the last commit left it.
 */
export async function advanceTurn(turn: ActiveTurn): Promise<RoundResult> {
  throwIfGivenUp(turn.signal)
  if (isCancelled(turn.signal)) return await endTurn(turn, { stopReason: 'cancelled', error: null })
  const { work } = turn
  if (work.toolCalls.some((call) => call.state !== 'done')) return await runTools(turn)
  if (endsTurn(work.agent.toolRules, work.toolCalls))
    return await endTurn(turn, { stopReason: 'tool_rule', error: null })
  if (work.turn.stepCount >= work.turn.options.maxSteps)
    return await endTurn(turn, { stopReason: 'max_steps', error: null })
  return await runModelStep(turn)
}

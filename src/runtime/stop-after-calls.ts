import type { StopReason } from '../domain/run.ts'
import { endsTurn } from './tool-rules.ts'
import { type ActiveTurn, isCancelled } from './turn-state.ts'

/** Why a turn ends once every call of its last step has a return; null = the model is asked again. */
export function stopAfterCalls({ signal, work }: ActiveTurn): StopReason | null {
  if (isCancelled(signal)) return 'cancelled'
  if (endsTurn(work.agent.toolRules, work.toolCalls)) return 'tool_rule'
  return work.turn.stepCount >= work.turn.options.maxSteps ? 'max_steps' : null
}

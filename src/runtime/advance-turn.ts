import type { StopReason } from '../domain/run.ts'
import { runModelStep } from './model-step.ts'
import { publishCommit } from './publish-commit.ts'
import { runTools } from './run-tools.ts'
import { endsTurn } from './tool-rules.ts'
import { createTurnEnd } from './turn-end.ts'
import { type ActiveTurn, isCancelled, type RoundResult, throwIfGivenUp } from './turn-state.ts'

/**
 * Does the next thing a turn needs, from what is stored alone: run the open tool calls, end the turn, or ask the model.
 * This is the whole loop; after a crash it goes on where the last commit left it.
 */
export async function advanceTurn(turn: ActiveTurn): Promise<RoundResult> {
  throwIfGivenUp(turn.signal)
  if (isCancelled(turn.signal)) return await endTurn(turn, 'cancelled')
  const { work } = turn
  if (work.toolCalls.some((call) => call.state !== 'done')) return await runTools(turn)
  if (endsTurn(work.agent.toolRules, work.toolCalls)) return await endTurn(turn, 'tool_rule')
  if (work.turn.stepCount >= work.turn.options.maxSteps) return await endTurn(turn, 'max_steps')
  return await runModelStep(turn)
}

async function endTurn(turn: ActiveTurn, stopReason: StopReason): Promise<RoundResult> {
  const { parts, scope, lease, work } = turn
  const usage = await parts.store.getRunUsage(scope, { runId: work.run.id })
  const end = createTurnEnd({
    work,
    stopReason,
    usage,
    error: null,
    timeToFirstTokenNs: null,
    at: parts.clock.now(),
  })
  const result = await parts.store.endTurn(scope, { lease, end })
  publishCommit(turn, result)
  return { items: work.items, ended: true }
}

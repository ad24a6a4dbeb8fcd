import { compileContext } from '../context/compile-context.ts'
import type { StopReason } from '../domain/run.ts'
import { isAppError } from '../errors/app-error.ts'
import type { LanguageModel, ModelFailure, ModelTool } from '../llm/model.ts'
import { type PreparedCall, askModel } from './ask-model.ts'
import { commitFailure, commitStep } from './commit-step.ts'
import type { Reply } from './reply-collector.ts'
import { agentTools, toModelTools } from './turn-tools.ts'
import { type ActiveTurn, isCancelled, type RoundResult, throwIfGivenUp } from './turn-state.ts'

/**
 * Makes one model call and commits what came of it: the message with its tool calls as intents, or the failure that
 * ends the turn. Rejects with `RunGivenUp` (nothing written) when the process stops meanwhile.
 */
export async function runModelStep(turn: ActiveTurn): Promise<RoundResult> {
  const { parts, work } = turn
  const model = await parts.models.resolve(modelHandle(turn))
  const tools = toModelTools(parts.tools, agentTools(parts.tools, work.agent))
  const call = prepareCall(turn, { model, tools })
  if ('failure' in call) return await commitFailure(turn, { failure: call.failure, model })
  let answer = await askModel(turn, call)
  throwIfGivenUp(turn.signal)
  const cancelled = isCancelled(turn.signal)
  if (answer.reply.failure !== null && !cancelled) {
    return await commitStep(turn, { call, answer: { ...answer, message: null }, stopReason: null })
  }
  if (cancelled) answer = { ...answer, reply: { ...answer.reply, toolCalls: [] } }
  return await commitStep(turn, { call, answer, stopReason: stopReasonOf(answer.reply, cancelled) })
}

/** The handle a turn is run with: the request's, the conversation's, the agent's, in this order. */
export function modelHandle({ work }: Pick<ActiveTurn, 'work'>): string {
  return work.turn.options.overrideModel ?? work.conversation.model ?? work.agent.model
}

function prepareCall(
  turn: ActiveTurn,
  { model, tools }: { readonly model: LanguageModel; readonly tools: readonly ModelTool[] },
): PreparedCall | { readonly failure: ModelFailure } {
  const { parts, work } = turn
  const now = parts.clock.now()
  try {
    const context = compileContext({
      work,
      model: model.info,
      tools,
      cacheLifetimeMs: parts.settings.cacheLifetimeMs,
      now,
    })
    return { model, tools, context, startedAt: now }
  } catch (error) {
    if (!isAppError(error, 'context_window_exceeded')) throw error
    const failure: ModelFailure = {
      code: error.code,
      message: error.message,
      detail: '',
      retryable: false,
      retryAfterMs: null,
    }
    return { failure }
  }
}

/** Null = the turn goes on. */
function stopReasonOf(reply: Reply, cancelled: boolean): StopReason | null {
  if (cancelled) return 'cancelled'
  if (reply.toolCalls.length > 0) return null
  return reply.finish === 'length' ? 'max_tokens_exceeded' : 'end_turn'
}

import { z } from 'zod'
import type { Conversation } from '../domain/conversation.ts'
import type { Signal } from '../domain/signal.ts'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { encodeTime } from './time.ts'

/** The longest payload of a signal, as JSON text in characters. */
const longestPayload = 100_000

/** The query of `GET /v1/conversations/{id}/pause`. */
export const pauseQuery = z.lazy(() => z.object({ agent_id: z.string().optional() }))

/** The body of `POST /v1/conversations/{id}/pause`. */
export const pauseSchema = z.lazy(() =>
  z.object({
    /** Break the model call off instead of waiting for the end of the step. */
    now: optional(z.boolean()),
    agent_id: optional(z.string()),
  }),
)

/** The body of `POST /v1/conversations/{id}/resume`. */
export const resumeSchema = z.lazy(() => z.object({ agent_id: optional(z.string()) }))

/** The body of `POST /v1/conversations/{id}/signal`. */
export const signalSchema = z.lazy(() =>
  z.object({
    name: z.string().min(1).max(200),
    payload: optional(
      z.json().refine((payload) => JSON.stringify(payload).length <= longestPayload, {
        message: `the payload has more than ${longestPayload} characters`,
      }),
    ),
    /** What makes a repeat known: a signal with an id that the conversation has had is not sent again. */
    id: optional(z.string().min(1).max(200)),
    agent_id: optional(z.string()),
  }),
)

/** Where a conversation stands after a pause: `resting` = nothing runs in it any more. */
export function encodePause({
  conversation,
  runId,
  isRunning,
}: {
  readonly conversation: Conversation
  readonly runId: string | null
  readonly isRunning: boolean
}): JsonObject {
  return { ...encodeState(conversation), run_id: runId, resting: !isRunning }
}

/** Where a conversation stands after the end of a pause. */
export function encodeState(conversation: Conversation): JsonObject {
  return {
    conversation_id: conversation.id,
    agent_id: conversation.agentId,
    state: conversation.state,
  }
}

/** An accepted signal; `run_id` is the run that it woke, if one waited. */
export function encodeSignal({
  signal,
  duplicate,
  runId,
}: {
  readonly signal: Signal
  readonly duplicate: boolean
  readonly runId: string | null
}): JsonObject {
  return {
    id: signal.id,
    conversation_id: signal.conversationId,
    name: signal.name,
    created_at: encodeTime(signal.createdAt),
    duplicate,
    run_id: runId,
  }
}

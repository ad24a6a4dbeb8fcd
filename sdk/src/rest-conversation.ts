import { randomUUID } from 'node:crypto'
import type { Letta } from '@letta-ai/letta-client'
import { LettaError } from './errors.ts'

/** A conversation. */
export interface PlaceOptions {
  readonly agentId: string
  /** The conversation (`conv-…`). Default: the agent's own default one. */
  readonly conversationId?: string | undefined
}

/** Word from outside for a turn that waits. */
export interface SignalOptions extends PlaceOptions {
  /** The name that the agent waits for. */
  readonly name: string
  /** What to tell it: anything that JSON can hold. Default: nothing. */
  readonly payload?: unknown
  /** The idempotency key: the same one again is not sent twice. Default: a new one for each call. */
  readonly id?: string | undefined
}

/** Pauses a conversation; whether it rests already. */
export async function pauseConversation(
  letta: Letta,
  { now = false, ...place }: PlaceOptions & { readonly now?: boolean | undefined },
): Promise<boolean> {
  const reply = await post(letta, place, { action: 'pause', body: { now } })
  return reply['resting'] === true
}

/** Whether a conversation is paused. */
export async function isConversationPaused(
  letta: Letta,
  { agentId, conversationId }: PlaceOptions,
): Promise<boolean> {
  const query = conversationId === undefined ? { agent_id: agentId } : {}
  const place = conversationId ?? 'default'
  const reply: unknown = await letta.get(`/v1/conversations/${place}/pause`, { query })
  return isRecord(reply) && reply['state'] === 'paused'
}

/** Ends a pause. */
export async function resumeConversation(letta: Letta, place: PlaceOptions): Promise<void> {
  await post(letta, place, { action: 'resume', body: {} })
}

/** Sends a signal; the run that it woke, or null. */
export async function sendSignal(letta: Letta, options: SignalOptions): Promise<string | null> {
  const { name, payload, id = randomUUID(), ...place } = options
  const body = { name, payload: payload ?? null, id }
  const { run_id: runId } = await post(letta, place, { action: 'signal', body })
  return typeof runId === 'string' ? runId : null
}

async function post(
  letta: Letta,
  { agentId, conversationId }: PlaceOptions,
  { action, body }: { readonly action: string; readonly body: Readonly<Record<string, unknown>> },
): Promise<Readonly<Record<string, unknown>>> {
  const place = conversationId ?? 'default'
  const owner = conversationId === undefined ? { agent_id: agentId } : {}
  const reply: unknown = await letta.post(`/v1/conversations/${place}/${action}`, {
    body: { ...body, ...owner },
  })
  if (isRecord(reply)) return reply
  throw new LettaError(
    'internal',
    `Cannot read the reply to ${action}: it is no object. Update the server.`,
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

import { randomUUID } from 'node:crypto'
import type { Letta } from '@letta-ai/letta-client'
import { LettaError, toLettaError } from './errors.ts'
import type { StreamEvent, UserMessageResponse, WireMessage } from './messages.ts'
import { TurnReader } from './turn-reader.ts'

/** A message for an agent. */
export interface UserMessageOptions {
  readonly agentId: string
  /** What to say; not blank. */
  readonly message: string
  /** The conversation (`conv-…`). Default: the agent's own default one. */
  readonly conversationId?: string | undefined
  /** A model for this turn only, as `provider/model`. Default: the conversation's or the agent's. */
  readonly model?: string | undefined
  /**
   * The idempotency key: sending the same one again attaches to the turn it started. Default: a new one for each call,
   * so that a request repeated because of a broken connection is answered once.
   */
  readonly otid?: string | undefined
  /** Stops the waiting. The turn itself goes on; `client.letta` can cancel its run. */
  readonly signal?: AbortSignal | undefined
  /** Gets each frame of the stream as the wire carries it, before the events made from it. */
  readonly onFrame?: ((frame: WireMessage) => void) | undefined
}

/** Which run to follow. */
export interface FollowOptions {
  readonly runId: string
  /** Stops the waiting, not the run. */
  readonly signal?: AbortSignal | undefined
  /** Gets each frame of the stream as the wire carries it, before the events made from it. */
  readonly onFrame?: ((frame: WireMessage) => void) | undefined
}

/** How often a cut stream is taken up again, and how long is waited before. */
const reconnectDelaysMs = [100, 250, 500, 1000, 2000, 4000] as const

/** The stop reasons of turns that ended well. */
const restingReasons: ReadonlySet<string> = new Set([
  'end_turn',
  'max_steps',
  'tool_rule',
  'requires_approval',
])

/** Sends a message and yields what happens until the agent rests. Throws {@link LettaError}. */
export async function* streamMessage(
  letta: Letta,
  options: UserMessageOptions,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  if (options.message.trim() === '') {
    throw new LettaError(
      'invalid_argument',
      'Cannot send the message: it is empty. Write something.',
    )
  }
  const { signal } = options
  return yield* followTurn(letta, {
    signal,
    onFrame: options.onFrame,
    open: async () =>
      letta.conversations.messages.create(
        options.conversationId ?? 'default',
        {
          ...(options.conversationId === undefined ? { agent_id: options.agentId } : {}),
          messages: [
            { role: 'user', content: options.message, otid: options.otid ?? randomUUID() },
          ],
          ...(options.model === undefined ? {} : { override_model: options.model }),
          streaming: true,
          stream_tokens: true,
          include_pings: true,
          background: true,
        },
        { signal },
      ),
  })
}

/** Yields what happened and happens in a run, from its beginning until it ends. Throws {@link LettaError}. */
export function followRun(
  letta: Letta,
  options: FollowOptions,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  const { runId, signal, onFrame } = options
  return followTurn(letta, {
    signal,
    onFrame,
    open: () => openRun(letta, { runId, after: 0, signal }),
  })
}

/** What {@link followTurn} follows. */
interface TurnSource {
  readonly open: () => Promise<AsyncIterable<WireMessage>>
  readonly signal: AbortSignal | undefined
  readonly onFrame: ((frame: WireMessage) => void) | undefined
}

async function* followTurn(
  letta: Letta,
  source: TurnSource,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  const reader = new TurnReader()
  let attempt = 0
  let open = source.open
  while (reader.stopReason === null) {
    const cut: unknown = yield* readAll(reader, { ...source, open })
    if (reader.stopReason !== null) break
    throwIfAborted(source.signal, reader.runId)
    const delay = reconnectDelaysMs[attempt]
    if (reader.runId === null || delay === undefined) throw cutError(cut, reader.runId)
    attempt += 1
    await pause(delay, source.signal)
    throwIfAborted(source.signal, reader.runId)
    const { runId, sequence } = reader
    open = () => openRun(letta, { runId, after: sequence, signal: source.signal })
  }
  if (!restingReasons.has(reader.stopReason)) throw endedBadly(reader.stopReason, reader.runId)
  const response = reader.end()
  yield { type: 'end', response }
  return response
}

/** Reads one connection to its end. Returns the connection's failure, and throws the run's own. */
async function* readAll(
  reader: TurnReader,
  source: TurnSource,
): AsyncGenerator<StreamEvent, unknown> {
  try {
    for await (const frame of await source.open()) {
      source.onFrame?.(frame)
      if (frame.message_type === 'error_message') throw runError(frame)
      yield* reader.read(frame)
    }
    return null
  } catch (error) {
    const failure = toLettaError(error, reader.runId)
    const isConnection = failure.code === 'server_unreachable' || failure.code === 'internal'
    if (reader.runId === null || !isConnection || failure.status !== null) throw failure
    return failure
  }
}

function openRun(
  letta: Letta,
  run: { readonly runId: string; readonly after: number; readonly signal: AbortSignal | undefined },
): Promise<AsyncIterable<WireMessage>> {
  return letta.runs.messages.stream(
    run.runId,
    { starting_after: run.after, include_pings: true },
    { signal: run.signal },
  )
}

function runError(frame: Extract<WireMessage, { message_type: 'error_message' }>): LettaError {
  const message = frame.detail === undefined || frame.detail === '' ? frame.message : frame.detail
  return new LettaError(frame.error_type, message, { runId: frame.run_id })
}

function endedBadly(stopReason: string, runId: string | null): LettaError {
  const message =
    stopReason === 'cancelled'
      ? 'The run was cancelled before it had an answer.'
      : `Cannot get an answer: the run ended with ${stopReason}. Send the message again, or look at the run.`
  return new LettaError(stopReason, message, { runId })
}

function cutError(cause: unknown, runId: string | null): LettaError {
  return new LettaError(
    'stream_incomplete',
    'Cannot read the answer: the connection to the server broke. ' +
      'The message is stored; the answer is in the conversation when the run has ended.',
    { runId, cause },
  )
}

function throwIfAborted(signal: AbortSignal | undefined, runId: string | null): void {
  if (signal?.aborted !== true) return
  throw new LettaError('aborted', 'The waiting was given up; the run goes on.', {
    runId,
    cause: signal.reason,
  })
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}

import { randomUUID } from 'node:crypto'
import type { Letta } from '@letta-ai/letta-client'
import { type Answering, type AnswerOptions, sendAnswer } from './answer-calls.ts'
import { codeOfRefusal, LettaError, toLettaError } from './errors.ts'
import type { StreamEvent, UserMessageResponse, WireMessage } from './messages.ts'
import type { FollowOptions, UserMessageOptions, WatchOptions } from './turn-options.ts'
import { TurnReader } from './turn-reader.ts'

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
  demandWhole(options)
  const { signal } = options
  return yield* followTurn(letta, {
    signal,
    onFrame: options.onFrame,
    open: async () => createMessage(letta, options),
  })
}

/** Answers the calls a run ended with and yields what happens until the agent rests. Throws {@link LettaError}. */
export function streamAnswer(
  letta: Letta,
  options: AnswerOptions & { readonly answering: Answering },
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  const { signal, onFrame } = options
  return followTurn(letta, { signal, onFrame, open: () => sendAnswer(letta, options) })
}

/** Sends a message and returns its run as soon as it is stored. Throws {@link LettaError}. */
export async function submitMessage(letta: Letta, options: UserMessageOptions): Promise<string> {
  demandWhole(options)
  try {
    const response = await createMessage(letta, options).asResponse()
    const runId = response.headers.get('x-letta-run-id')
    await response.body?.cancel()
    if (runId !== null) return runId
  } catch (error) {
    throw toLettaError(error)
  }
  throw new LettaError(
    'not_supported',
    'Cannot tell the run of the message: the server did not name it. The message was accepted.',
  )
}

/** What a program without types may have left out, too. */
function demandWhole({ agentId, conversationId, message }: Partial<UserMessageOptions>): void {
  if (typeof message !== 'string' || message.trim() === '') {
    throw refuse('it is empty. Write something.')
  }
  if (conversationId === undefined && (typeof agentId !== 'string' || agentId === '')) {
    throw refuse('no agent is named. Give agentId, the id of an agent.')
  }
}

function refuse(state: string): LettaError {
  return new LettaError('invalid_argument', `Cannot send the message: ${state}`)
}

function createMessage(letta: Letta, options: UserMessageOptions) {
  return letta.conversations.messages.create(
    options.conversationId ?? 'default',
    {
      ...(options.conversationId === undefined ? { agent_id: options.agentId } : {}),
      messages: [{ role: 'user', content: options.message, otid: options.otid ?? randomUUID() }],
      ...(options.model === undefined ? {} : { override_model: options.model }),
      streaming: true,
      stream_tokens: true,
      include_pings: true,
      background: true,
    },
    { signal: options.signal },
  )
}

/** Yields what happened and happens in a run, from its beginning until it ends. Throws {@link LettaError}. */
export function followRun(
  letta: Letta,
  options: FollowOptions,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  const { runId, signal, onFrame, after = 0 } = options
  return followTurn(letta, {
    signal,
    onFrame,
    open: () => openRun(letta, { runId, after, signal }),
    after,
    refuseEnded: async () => {
      const { status } = await letta.runs.retrieve(runId, { signal })
      if (status !== 'created' && status !== 'running') throw nothingLeft(runId, after)
    },
  })
}

/** Yields what happened and happens in a run that is named or found. Throws {@link LettaError}. */
export function watchRun(
  letta: Letta,
  options: WatchOptions,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  if ('runId' in options) return followRun(letta, options)
  const { agentId, conversationId, otid, signal, onFrame, after = 0 } = options
  return followTurn(letta, {
    signal,
    onFrame,
    after,
    open: () =>
      letta.conversations.messages.stream(
        conversationId ?? 'default',
        {
          ...(conversationId === undefined ? { agent_id: agentId } : {}),
          ...(otid === undefined ? {} : { otid }),
          starting_after: after,
          include_pings: true,
        },
        { signal },
      ),
  })
}

/** What {@link followTurn} follows. */
interface TurnSource {
  readonly open: () => Promise<AsyncIterable<WireMessage>>
  readonly signal: AbortSignal | undefined
  readonly onFrame: ((frame: WireMessage) => void) | undefined
  /** The number that the stream begins behind. Default: 0. */
  readonly after?: number
  /** Throws when the run has ended, so that no frame can come any more. */
  readonly refuseEnded?: () => Promise<void>
}

async function* followTurn(
  letta: Letta,
  source: TurnSource,
): AsyncGenerator<StreamEvent, UserMessageResponse> {
  const { after = 0 } = source
  const reader = new TurnReader()
  reader.sequence = after
  let attempt = 0
  let open = source.open
  while (reader.stopReason === null) {
    const cut: unknown = yield* readAll(reader, { ...source, open })
    if (reader.stopReason !== null) break
    throwIfAborted(source.signal, reader.runId)
    if (cut === null && after > 0 && reader.sequence === after) await source.refuseEnded?.()
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
  const code = codeOfRefusal(frame.error_type, message)
  return new LettaError(code, message, { runId: frame.run_id })
}

function endedBadly(stopReason: string, runId: string | null): LettaError {
  const message =
    stopReason === 'cancelled'
      ? 'The run was cancelled before it had an answer.'
      : `Cannot get an answer: the run ended with ${stopReason}. Send the message again, or look at the run.`
  return new LettaError(stopReason, message, { runId })
}

function nothingLeft(runId: string, after: number): LettaError {
  return new LettaError(
    'invalid_argument',
    `Cannot follow ${runId} from ${after}: it ended before that. Begin with an earlier number, or with none.`,
  )
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

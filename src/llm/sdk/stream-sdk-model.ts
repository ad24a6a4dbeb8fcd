import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { Clock } from '../../util/clock.ts'
import type { ModelFailure, ModelPart, ModelRequest } from '../model.ts'
import type { ResolvedModel } from '../resolved-model.ts'
import { cancelledCall } from '../with-retry.ts'
import { createStreamReader, toFinishReason, toTokenUsage } from './from-sdk-stream.ts'
import { loadSdkModel } from './load-sdk-model.ts'
import { createSilenceLimit, type SilenceLimit } from './silence-limit.ts'
import { toCallOptions } from './to-call-options.ts'
import { describeFailure, toModelFailure, type FailureContext } from './to-model-failure.ts'
import type { SentMessages } from './to-sdk-prompt.ts'
import type { SdkModel } from './write-messages-once.ts'

/** Keeps the client of a model for its next call: making one takes as long as a small request. */
export interface SdkClient {
  /** Null until the first call has loaded it. */
  model: SdkModel | null
  /** The messages of earlier turns as they were sent to this model. */
  readonly sent: SentMessages
}

/** One call of a provider's model. */
export interface SdkCall {
  /** The client of this model and endpoint. */
  readonly client: SdkClient
  readonly resolved: Extract<ResolvedModel, { type: 'provider' }>
  readonly request: ModelRequest
  /** How long the provider may stay silent, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
}

/** Calls a model through its provider's package; keeps the contract of `LanguageModel.stream`. */
export async function* streamSdkModel(call: SdkCall): AsyncGenerator<ModelPart> {
  const { request, clock } = call
  const silence = createSilenceLimit({
    clock,
    limitMs: call.requestTimeoutMs,
    asker: request.signal,
  })
  const progress: Progress = { hasBegun: false, rest: null }
  try {
    yield* readAnswer(call, silence, progress)
  } catch (error) {
    const failure = request.signal.aborted
      ? cancelledCall(call.resolved.info.handle)
      : silence.isExceeded
        ? describe(call, progress, 'llm_timeout')
        : toModelFailure(error, failureContext(call, progress))
    yield { type: 'error', error: failure }
  } finally {
    if (progress.rest === null) silence.end()
    else void readRest(progress.rest, silence, clock)
  }
}

interface Progress {
  /** Whether the provider has begun to answer. */
  hasBegun: boolean
  /** What still comes of an answer whose last part has been read. */
  rest: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | null
}

/** How long the end of an answer that is complete may take, in milliseconds. */
const restLimitMs = 1_000

/** Reads an answer to its very end, so that its connection serves the next call. Never rejects. */
async function readRest(
  rest: ReadableStreamDefaultReader<LanguageModelV4StreamPart>,
  silence: SilenceLimit,
  clock: Clock,
): Promise<void> {
  const readAll = async (): Promise<void> => {
    while (!(await rest.read()).done);
  }
  // Whatever goes wrong here concerns an answer that is already complete.
  const ended = readAll().catch(() => undefined)
  const late = clock.sleep(restLimitMs, { signal: silence.signal }).catch(() => undefined)
  await Promise.race([ended, late])
  silence.end()
}

async function* readAnswer(
  call: SdkCall,
  silence: SilenceLimit,
  progress: Progress,
): AsyncGenerator<ModelPart> {
  const { resolved, request } = call
  const { signal } = silence
  signal.throwIfAborted()
  const model = await loadModel(call)
  call.client.model = model
  const options = toCallOptions(resolved, request, call.client.sent)
  const started = await silence.during(model.doStream({ ...options, abortSignal: signal }))
  progress.hasBegun = true
  const parts = started.stream.getReader()
  const reader = createStreamReader()
  try {
    for (;;) {
      const next = await silence.during(parts.read())
      if (next.done) {
        yield failed(describe(call, progress, 'llm_stream_cut'))
        return
      }
      const part = next.value
      if (part.type === 'error' || part.type === 'finish') {
        progress.rest = part.type === 'finish' ? parts : null
        yield toLastPart(call, progress, { part, reader })
        return
      }
      yield* reader.read(part)
    }
  } finally {
    // The abort that follows says the same; a stream that has failed cannot be cancelled.
    if (progress.rest === null) await parts.cancel().catch(() => undefined)
  }
}

async function loadModel({ client, resolved }: SdkCall): Promise<SdkModel> {
  if (client.model !== null) return client.model
  const { endpoint, info } = resolved
  return await loadSdkModel({
    endpoint,
    name: info.name,
    openAiApi: resolved.reasoning ? 'responses' : 'chat',
  })
}

function toLastPart(
  call: SdkCall,
  progress: { readonly hasBegun: boolean },
  last: {
    readonly part: Extract<LanguageModelV4StreamPart, { type: 'error' | 'finish' }>
    readonly reader: ReturnType<typeof createStreamReader>
  },
): ModelPart {
  const { part, reader } = last
  if (part.type === 'error') {
    return failed(toModelFailure(part.error, failureContext(call, progress)))
  }
  const reason = toFinishReason(part.finishReason)
  if (reason === null || !reader.isComplete) {
    return failed(describe(call, progress, 'llm_stream_cut'))
  }
  const mayBeEmpty = reason === 'length' || reason === 'content-filter'
  if (!reader.hasAnswer && !mayBeEmpty) {
    return failed(describe(call, progress, 'llm_empty_response'))
  }
  return { type: 'finish', reason, usage: toTokenUsage(part.usage) }
}

function failed(error: ModelFailure): ModelPart {
  return { type: 'error', error }
}

function describe(
  call: SdkCall,
  progress: { readonly hasBegun: boolean },
  code: 'llm_timeout' | 'llm_stream_cut' | 'llm_empty_response',
): ModelFailure {
  return describeFailure(code, failureContext(call, progress), { detail: '' })
}

function failureContext(call: SdkCall, progress: { readonly hasBegun: boolean }): FailureContext {
  const { resolved, clock } = call
  return {
    handle: resolved.info.handle,
    endpoint: resolved.endpoint,
    hasBegun: progress.hasBegun,
    now: clock.now(),
  }
}

import {
  noUsage,
  type FinishReason,
  type LanguageModel,
  type ModelFailure,
  type ModelInfo,
  type ModelPart,
  type ModelRequest,
} from '../llm/model.ts'
import type { ModelSource } from '../llm/model-source.ts'
import type { TokenUsage } from '../domain/run.ts'
import { AppError } from '../errors/app-error.ts'
import type { Clock } from '../util/clock.ts'

/** What a {@link ScriptedModel} answers to one call; parts are sent in the order of the members below. */
export interface ScriptedReply {
  /** Waited for on the clock before the first part, in milliseconds. */
  readonly delayMs?: number
  /** Visible reasoning, sent in one delta. */
  readonly reasoning?: string
  /** Text; a list is sent as one delta each. */
  readonly text?: string | readonly string[]
  /** Tool calls; the arguments of each are sent in two deltas. */
  readonly toolCalls?: readonly ScriptedToolCall[]
  /** Any other parts, sent as they are, before the end. */
  readonly parts?: readonly ModelPart[]
  /** Waited for on the clock before the end, in milliseconds. */
  readonly delayBeforeEndMs?: number
  /** Ends the call with this failure in place of `finish`. */
  readonly failure?: Partial<ModelFailure> & Pick<ModelFailure, 'code'>
  /** Default: `tool-calls` when there are any, else `stop`. */
  readonly finishReason?: FinishReason
  /** Default: 10 prompt and 5 completion tokens. */
  readonly usage?: Partial<TokenUsage>
}

/** A tool call of a {@link ScriptedReply}. */
export interface ScriptedToolCall {
  readonly name: string
  /** An object is written as JSON; a text is sent as it is, well-formed or not. */
  readonly arguments: object | string
  /** Default: `call-` and a number that counts up over all calls of the model. */
  readonly callId?: string
}

/** One entry of a script: a reply, or a function that makes it from what was asked. */
export type ScriptedStep = ScriptedReply | ((request: ModelRequest) => ScriptedReply)

/** A model that replays a script and records what it was asked. */
export interface ScriptedModel extends LanguageModel {
  /** Every call so far, in order. */
  readonly requests: readonly ModelRequest[]
  /** How many entries of the script were not used yet. */
  readonly remaining: number
  /** Adds entries to the end of the script. */
  script(...steps: readonly ScriptedStep[]): void
}

/** How a {@link ScriptedModel} is made. */
export interface ScriptedModelOptions {
  /** What it answers, call by call. */
  readonly steps?: readonly ScriptedStep[]
  /** What it answers when the script is used up. Default: the call throws, as it was not planned. */
  readonly otherwise?: ScriptedStep
  /** What its delays wait on; needed when a reply has one. */
  readonly clock?: Clock
  /** Default: handle `openai/scripted`, 128,000 tokens. */
  readonly info?: Partial<ModelInfo>
}

/** Makes a {@link ScriptedModel}. */
export function createScriptedModel(options: ScriptedModelOptions = {}): ScriptedModel {
  const info = scriptedModelInfo(options.info)
  const steps = [...(options.steps ?? [])]
  const requests: ModelRequest[] = []
  let calls = 0
  const nextCallId = (): string => {
    calls += 1
    return `call-${calls}`
  }
  return {
    handle: info.handle,
    info,
    requests,
    get remaining() {
      return steps.length
    },
    script(...more) {
      steps.push(...more)
    },
    stream(request) {
      requests.push(request)
      const step = steps.shift() ?? options.otherwise
      if (step === undefined) {
        throw new Error(`Cannot answer call ${requests.length} of the scripted model: not planned`)
      }
      const reply = typeof step === 'function' ? step(request) : step
      return play({ reply, request, nextCallId, clock: options.clock })
    },
  }
}

/** A {@link ModelSource} that has exactly the models given; `letta/auto` stands for the first. */
export function createScriptedModelSource(...models: readonly LanguageModel[]): ModelSource {
  const find = (handle: string): LanguageModel => {
    const model = handle.startsWith('letta/auto')
      ? models[0]
      : models.find((candidate) => [candidate.handle, candidate.info.name].includes(handle))
    if (model !== undefined) return model
    throw new AppError('model_not_found', `Cannot use model ${handle}: it is not scripted.`)
  }
  return {
    resolve: async (handle) => find(handle),
    describe: async (handle) => find(handle).info,
    canonicalHandle: async (handle) =>
      handle.startsWith('letta/auto') ? handle : find(handle).handle,
    list: async () => models.map((model) => model.info),
  }
}

function scriptedModelInfo(given: Partial<ModelInfo> = {}): ModelInfo {
  const handle = given.handle ?? 'openai/scripted'
  return {
    handle,
    provider: handle.slice(0, handle.indexOf('/')),
    name: handle.slice(handle.indexOf('/') + 1),
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    extractive: false,
    endpointType: 'openai',
    endpoint: null,
    ...given,
  }
}

async function* play(input: {
  readonly reply: ScriptedReply
  readonly request: ModelRequest
  readonly nextCallId: () => string
  readonly clock: Clock | undefined
}): AsyncGenerator<ModelPart> {
  const { reply, request } = input
  const { signal } = request
  if (!(await waited(input, reply.delayMs))) {
    yield cancelled
    return
  }
  for (const part of scriptedParts(reply, input.nextCallId)) {
    if (signal.aborted) {
      yield cancelled
      return
    }
    yield part
  }
  if (!(await waited(input, reply.delayBeforeEndMs))) {
    yield cancelled
    return
  }
  yield scriptedEnd(reply)
}

/** Waits, unless aborted; says whether the call goes on. */
async function waited(
  input: { readonly request: ModelRequest; readonly clock: Clock | undefined },
  milliseconds: number | undefined,
): Promise<boolean> {
  const { signal } = input.request
  if (milliseconds !== undefined && !signal.aborted) {
    if (input.clock === undefined) throw new Error('Cannot delay a scripted reply: it has no clock')
    await input.clock.sleep(milliseconds, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
  return !signal.aborted
}

function* scriptedParts(reply: ScriptedReply, nextCallId: () => string): Generator<ModelPart> {
  if (reply.reasoning !== undefined) {
    yield { type: 'reasoning-delta', text: reply.reasoning, signature: null }
  }
  const texts = typeof reply.text === 'string' ? [reply.text] : (reply.text ?? [])
  for (const text of texts) yield { type: 'text-delta', text }
  for (const [index, call] of (reply.toolCalls ?? []).entries()) {
    const json =
      typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
    const { name, callId = nextCallId() } = call
    const middle = Math.ceil(json.length / 2)
    yield { type: 'tool-call-start', index, callId, name }
    for (const argumentsText of [json.slice(0, middle), json.slice(middle)]) {
      yield { type: 'tool-call-delta', index, argumentsText }
    }
    yield { type: 'tool-call-end', index, callId, name, arguments: json }
  }
  yield* reply.parts ?? []
}

function scriptedEnd(reply: ScriptedReply): ModelPart {
  if (reply.failure !== undefined) {
    const { code } = reply.failure
    const defaults = {
      message: `Cannot get an answer from the scripted model: ${code}.`,
      detail: code,
      retryable: false,
      retryAfterMs: null,
    }
    return { type: 'error', error: { ...defaults, ...reply.failure } }
  }
  const hasCalls = (reply.toolCalls ?? []).length > 0
  const { promptTokens = 10, completionTokens = 5 } = reply.usage ?? {}
  const totalTokens = promptTokens + completionTokens
  return {
    type: 'finish',
    reason: reply.finishReason ?? (hasCalls ? 'tool-calls' : 'stop'),
    usage: { ...noUsage, promptTokens, completionTokens, totalTokens, ...reply.usage },
  }
}

const cancelled: ModelPart = {
  type: 'error',
  error: {
    code: 'cancelled',
    message: 'The call of the scripted model was cancelled.',
    detail: '',
    retryable: false,
    retryAfterMs: null,
  },
}

import { z } from 'zod'
import type { ErrorCode } from '../errors/error-codes.ts'
import { errorMessage } from '../errors/app-error.ts'
import type { Clock } from '../util/clock.ts'
import { networkFetch } from '../net/network-fetch.ts'
import type { Endpoint } from './endpoint.ts'

/** A model as an endpoint lists it. */
export interface ListedModel {
  /** The name it is called by. */
  readonly id: string
  /** In tokens; null = the list does not say. */
  readonly contextWindow: number | null
  readonly maxOutputTokens: number | null
}

/** What came of asking an endpoint for its models. */
export type ModelListing =
  /** Its chat models, in its own order. */
  | { readonly state: 'listed'; readonly models: readonly ListedModel[] }
  /** It has no list, as some gateways. */
  | { readonly state: 'unlisted' }
  /** It could not be asked. */
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly reason: string }

/** Asks endpoints which models they have, and remembers the answers. */
export interface EndpointModels {
  /**
   * The list of an endpoint; never throws. A list is remembered for `maxAgeMs` (default: an hour), a failure for two
   * seconds.
   */
  list(endpoint: Endpoint, maxAgeMs?: number): Promise<ModelListing>
}

/** How long an endpoint may take to list its models, in milliseconds. */
const listTimeoutMs = 2_000
const rememberListMs = 3_600_000
const rememberFailureMs = 2_000

/** Makes an {@link EndpointModels} that has asked nobody yet. */
export function createEndpointModels(clock: Clock): EndpointModels {
  const answers = new Map<string, { at: number; listing: Promise<ModelListing> }>()
  return {
    async list(endpoint, maxAgeMs = rememberListMs) {
      const key = `${endpoint.kind} ${endpoint.url} ${endpoint.apiKey ?? ''}`
      const known = answers.get(key)
      if (known !== undefined) {
        const listing = await known.listing
        const limit = listing.state === 'failed' ? rememberFailureMs : maxAgeMs
        if (clock.now() - known.at < limit) return listing
      }
      const answer = { at: clock.now(), listing: askForModels(endpoint) }
      answers.set(key, answer)
      return answer.listing
    },
  }
}

async function askForModels(endpoint: Endpoint): Promise<ModelListing> {
  try {
    const response = await networkFetch(listUrl(endpoint), {
      headers: listHeaders(endpoint),
      signal: AbortSignal.timeout(listTimeoutMs),
    })
    if (!response.ok) {
      await response.body?.cancel()
      return refusedListing(response.status)
    }
    const body = listBody.safeParse(await response.json())
    if (body.success) return { state: 'listed', models: body.data.filter(isChatModel) }
    return { state: 'failed', code: 'llm_error', reason: 'its list of models is not understood' }
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    const reason = timedOut
      ? 'it does not answer'
      : `it cannot be reached (${connectReason(error)})`
    return { state: 'failed', code: 'llm_unreachable', reason }
  }
}

function refusedListing(status: number): ModelListing {
  if ([404, 405, 501].includes(status)) return { state: 'unlisted' }
  if (status === 401 || status === 403) {
    return { state: 'failed', code: 'llm_authentication', reason: 'it rejects the key' }
  }
  return { state: 'failed', code: 'llm_error', reason: `it answers with status ${status}` }
}

function connectReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = z.looseObject({ code: z.string() }).safeParse(cause)
  return code.success ? code.data.code : errorMessage(cause ?? error)
}

function listUrl(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'anthropic':
      return `${endpoint.url}/models?limit=1000`
    case 'google':
      return `${endpoint.url}/models?pageSize=1000`
    case 'openai':
    case 'openai-compatible':
      return `${endpoint.url}/models`
  }
}

function listHeaders(endpoint: Endpoint): Record<string, string> {
  if (endpoint.apiKey === null) return {}
  switch (endpoint.kind) {
    case 'anthropic':
      return { 'x-api-key': endpoint.apiKey, 'anthropic-version': '2023-06-01' }
    case 'google':
      return { 'x-goog-api-key': endpoint.apiKey }
    case 'openai':
    case 'openai-compatible':
      return { authorization: `Bearer ${endpoint.apiKey}` }
  }
}

const positive = z.number().int().positive().optional().catch(undefined)

/** One entry of a list: OpenAI and everything like it says `id`, Google says `name`. */
const listEntry = z.lazy(() =>
  z
    .looseObject({
      id: z.string().optional(),
      name: z.string().optional(),
      context_window: positive,
      context_length: positive,
      max_model_len: positive,
      max_context_length: positive,
      max_input_tokens: positive,
      inputTokenLimit: positive,
      max_completion_tokens: positive,
      outputTokenLimit: positive,
    })
    .transform((entry): ListedModel => ({
      id: entry.id ?? entry.name?.replace(/^models\//, '') ?? '',
      contextWindow:
        entry.context_window ??
        entry.context_length ??
        entry.max_model_len ??
        entry.max_context_length ??
        entry.max_input_tokens ??
        entry.inputTokenLimit ??
        null,
      maxOutputTokens: entry.max_completion_tokens ?? entry.outputTokenLimit ?? null,
    })),
)

const entries = z.array(listEntry)

const listBody = z.lazy(() =>
  z.union([
    z.object({ data: entries }).transform((body) => body.data),
    z.object({ models: entries }).transform((body) => body.models),
    entries,
  ]),
)

/** Lists mix in models that take no chat; nothing but the name tells them apart everywhere. */
function isChatModel(model: ListedModel): boolean {
  const otherKinds =
    /embed|rerank|whisper|\btts\b|dall-e|moderation|transcri|image|audio|realtime|speech|video|veo|imagen/i
  return model.id !== '' && !otherKinds.test(model.id)
}

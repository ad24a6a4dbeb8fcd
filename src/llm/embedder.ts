import { z } from 'zod'
import { AppError, errorMessage } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/error-codes.ts'
import { networkFetch, StaleConnectionError } from '../net/network-fetch.ts'
import { configuredEndpoint, findRoute, routedEndpoint, type Endpoint } from './endpoint.ts'
import { modelKeyMissing } from './handle-errors.ts'
import type { ModelSettings } from './model-settings.ts'
import { providerDefinitions } from './provider-definitions.ts'
import { parseRetryAfter } from './sdk/parse-retry-after.ts'

/** A model that turns texts into vectors. */
export interface Embedder {
  /** Its handle, `provider/model`. */
  readonly handle: string
  /**
   * The vectors of some texts, in their order. Rejects with the codes `llm_…`: `llm_unreachable` and `llm_timeout`
   * when the endpoint does not answer, `llm_bad_request` for texts it refuses, `llm_error` for an answer that is none. Where it
   * says how long to leave it alone, the error's data has `retryAfterMs`.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>
}

/** Where embedders come from. */
export interface EmbedderSource {
  /**
   * The embedder behind a handle. Throws `model_not_found` for one whose provider is unknown or has no embeddings of
   * OpenAI's kind, `model_key_missing` for a provider without key or address.
   */
  resolve(handle: string): Embedder
}

/** What an endpoint of OpenAI's kind answers. */
const answerSchema = z.lazy(() =>
  z.object({
    data: z.array(
      z.object({
        index: z.int().nonnegative().max(100_000).optional(),
        embedding: z.array(z.number()).min(1),
      }),
    ),
  }),
)

/** How much of what an endpoint answers is quoted, in characters. */
const shownLength = 300

const codesByStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'llm_bad_request'],
  [401, 'llm_authentication'],
  [402, 'llm_insufficient_credits'],
  [403, 'llm_permission_denied'],
  [404, 'llm_not_found'],
  [413, 'llm_bad_request'],
  [422, 'llm_bad_request'],
  [429, 'llm_rate_limit'],
])

/**
 * Makes embedders that speak to the endpoints of the settings: `POST <base>/embeddings`, as OpenAI, LM Studio, vLLM,
 * llama.cpp, Ollama and most gateways take it. Routes come first, as for chat models.
 */
export function createEmbedderSource(settings: ModelSettings): EmbedderSource {
  return {
    resolve(handle) {
      const { endpoint, name } = findEndpoint(settings, handle)
      return { handle, embed: (texts, signal) => embed({ endpoint, name, handle }, texts, signal) }
    },
  }
}

function findEndpoint(
  settings: ModelSettings,
  handle: string,
): { readonly endpoint: Endpoint; readonly name: string } {
  const slash = handle.indexOf('/')
  const prefix = handle.slice(0, Math.max(0, slash)).replace('openai-proxy', 'openai')
  const name = handle.slice(slash + 1)
  const definition = providerDefinitions.find((provider) => provider.name === prefix)
  if (definition === undefined || name === '') {
    throw notFound(handle, 'its provider is not known')
  }
  const route = findRoute(settings.routes, [handle])
  const endpoint =
    route === undefined
      ? configuredEndpoint(settings, definition)
      : routedEndpoint(route, definition)
  if (endpoint === null) throw modelKeyMissing(handle, definition)
  if (!['openai', 'openai-compatible'].includes(endpoint.kind)) {
    throw notFound(handle, `${definition.label} has no embeddings of OpenAI's kind`)
  }
  return { endpoint, name }
}

interface EmbeddingModel {
  readonly endpoint: Endpoint
  readonly name: string
  readonly handle: string
}

async function embed(
  model: EmbeddingModel,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const { endpoint, name, handle } = model
  const body = { model: name, input: texts, encoding_format: 'float' }
  const answer = await ask(model, JSON.stringify(body), signal)
  if (!answer.ok) throw toRefusal(model, answer)
  const parsed = answerSchema.safeParse(parseJson(answer.text, handle))
  const vectors: (readonly number[])[] = []
  for (const [place, { index = place, embedding }] of (parsed.data?.data ?? []).entries()) {
    vectors[index] = embedding
  }
  const isWhole = texts.every((_, place) => vectors[place] !== undefined)
  if (isWhole && vectors.length === texts.length) return vectors
  throw new AppError(
    'llm_error',
    `Cannot embed with ${handle}: ${endpoint.url} did not answer with a vector for each of the ${texts.length} texts. Check that it serves embeddings.`,
  )
}

/** An answer that was read to its end. */
interface EndpointAnswer extends Pick<Response, 'ok' | 'status' | 'headers'> {
  readonly text: string
}

async function ask(
  { endpoint, handle }: EmbeddingModel,
  body: string,
  signal: AbortSignal,
): Promise<EndpointAnswer> {
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(endpoint.apiKey !== null && { authorization: `Bearer ${endpoint.apiKey}` }),
    },
    body,
    signal,
  }
  try {
    const response = await sendAgainIfStale(`${endpoint.url}/embeddings`, init)
    const { ok, status, headers } = response
    return { ok, status, headers, text: await response.text() }
  } catch (cause) {
    const isLate = cause instanceof DOMException && cause.name === 'TimeoutError'
    const state = isLate ? 'it did not answer in time' : `it cannot be reached`
    throw new AppError(
      isLate ? 'llm_timeout' : 'llm_unreachable',
      `Cannot embed with ${handle} at ${endpoint.url}: ${state}. Check that the endpoint runs and ${endpoint.urlVariable} is right.`,
      { cause },
    )
  }
}

/** To be embedded twice does no harm to a text, so that a connection which was closed while it was idle is no failure. */
async function sendAgainIfStale(url: string, init: RequestInit): Promise<Response> {
  while (true) {
    try {
      return await networkFetch(url, init)
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error
    }
  }
}

function toRefusal({ endpoint, handle }: EmbeddingModel, answer: EndpointAnswer): AppError {
  const { status, headers, text } = answer
  const answeredAt = Date.parse(headers.get('date') ?? '')
  const retryAfterMs = parseRetryAfter(Object.fromEntries(headers.entries()), answeredAt)
  const isAsked = retryAfterMs !== null && Number.isFinite(retryAfterMs)
  const shown = text.replaceAll(/\s+/g, ' ').trim().slice(0, shownLength)
  return new AppError(
    codesByStatus.get(status) ?? 'llm_error',
    `Cannot embed with ${handle}: ${endpoint.url} answered ${status} ${shown}. ${toRemedy(endpoint, status)}.`,
    { data: { status, ...(isAsked && { retryAfterMs }) } },
  )
}

function toRemedy({ definition, urlVariable }: Endpoint, status: number): string {
  if (status === 401 || status === 403) return `Check the key of ${definition.label}`
  if (status === 429) return 'Wait, or raise the limit there'
  if (status >= 500) return 'Look into the log of the endpoint'
  return `Check the model's name and ${urlVariable}`
}

function parseJson(text: string, handle: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError(
      'llm_error',
      `Cannot embed with ${handle}: the answer is not JSON (${errorMessage(cause)}). Check that the endpoint serves embeddings.`,
      { cause },
    )
  }
}

function notFound(handle: string, state: string): AppError {
  return new AppError(
    'model_not_found',
    `Cannot embed with ${handle}: ${state}. Name a model of an endpoint of OpenAI's kind as provider/model.`,
    { data: { handle } },
  )
}

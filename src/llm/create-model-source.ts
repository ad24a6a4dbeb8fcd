import { AppError } from '../errors/app-error.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { unknownContextWindow } from './catalogue.ts'
import { createEndpointModels } from './endpoint-models.ts'
import { listModels } from './list-models.ts'
import type { LanguageModel, ModelInfo } from './model.ts'
import type { ModelSource } from './model-source.ts'
import { defaultMaxRetries, defaultRequestTimeoutMs, type ModelSettings } from './model-settings.ts'
import { offlineHandle, offlineInfo } from './offline/offline-info.ts'
import { createOfflineModel } from './offline/offline-model.ts'
import type { WordSplitter } from './offline/select-quotes.ts'
import { createProviderModel } from './provider-model.ts'
import { automaticHandles, resolveAutomatic } from './resolve-automatic.ts'
import { resolveHandle, type HandleContext } from './resolve-handle.ts'
import type { ResolvedModel } from './resolved-model.ts'
import { withRetry } from './with-retry.ts'

/** How many models are kept with what was written for them; endpoints that list none take any name. */
const mostModels = 100

/** What a model source takes from its surroundings. */
export interface ModelSourceOptions {
  /** Measures timeouts and waits between retries. Default: the machine's clock. */
  readonly clock?: Clock
  /** Spreads retries; returns a number from 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number
  /** What the offline mode compares texts by; best what search does. Default: lower-case words. */
  readonly toWords?: WordSplitter
}

/**
 * Makes the product's source of models.
 *
 * Loads no provider package and opens no connection until a model is called, or a name that the catalogue lacks is
 * looked up at its endpoint. The models it returns retry by themselves what may be retried.
 */
export function createModelSource(
  settings: ModelSettings,
  options: ModelSourceOptions = {},
): ModelSource {
  const { clock = systemClock, random = Math.random, toWords = plainWords } = options
  const context: HandleContext = { settings, endpointModels: createEndpointModels(clock) }
  const models = new Map<string, LanguageModel>()

  function toModel(resolved: ResolvedModel): LanguageModel {
    if (resolved.type === 'offline') return createOfflineModel(toWords)
    if (resolved.type === 'unreachable') return createFailingModel(resolved)
    const key = JSON.stringify([resolved.info, resolved.endpoint.kind])
    const known = models.get(key)
    if (known !== undefined) return known
    const requestTimeoutMs = settings.requestTimeoutMs ?? defaultRequestTimeoutMs
    const maxRetries = settings.maxRetries ?? defaultMaxRetries
    const model = createProviderModel(resolved, { requestTimeoutMs, clock })
    const retrying = withRetry(model, { clock, maxRetries, random })
    models.set(key, retrying)
    const [oldest] = models.keys()
    if (models.size > mostModels && oldest !== undefined) models.delete(oldest)
    return retrying
  }

  return {
    resolve: async (handle) => toModel(await resolveAny(context, handle, false)),
    describe: async (handle) => (await resolveAny(context, handle, false)).info,
    async canonicalHandle(handle) {
      return lettaHandle(handle) ?? (await resolveAny(context, handle, true)).info.handle
    },
    async list() {
      const automatic = await resolveAutomatic(context).catch((error: unknown) => {
        if (error instanceof AppError) return null
        throw error
      })
      const aliases = automaticHandles.map((handle) => toAlias(handle, automatic?.info))
      return [...aliases, offlineInfo, ...(await listModels(context))]
    },
  }
}

async function resolveAny(
  context: HandleContext,
  given: string,
  strict: boolean,
): Promise<ResolvedModel> {
  const handle = given.trim()
  const own = lettaHandle(handle)
  if (own === offlineHandle) return { type: 'offline', info: offlineInfo }
  if (own !== null) return resolveAutomatic(context)
  if (handle !== '') return resolveHandle(context, { handle, strict })
  throw new AppError(
    'model_not_found',
    'Cannot use model "": the name is empty. Name a model as provider/model.',
  )
}

/** The full form of a handle of our own, such as `auto` or `letta/offline`; null for any other. */
function lettaHandle(given: string): string | null {
  const handle = given.trim()
  const full = handle.startsWith('letta/') ? handle : `letta/${handle}`
  return full === offlineHandle || automaticHandles.includes(full) ? full : null
}

function toAlias(handle: string, current: ModelInfo | undefined): ModelInfo {
  const stands = current ?? { ...offlineInfo, contextWindow: unknownContextWindow }
  return { ...stands, handle, provider: 'letta', name: handle.slice('letta/'.length) }
}

function createFailingModel(
  resolved: Extract<ResolvedModel, { type: 'unreachable' }>,
): LanguageModel {
  const { info, failure } = resolved
  return {
    handle: info.handle,
    info,
    async *stream() {
      yield { type: 'error', error: failure }
    },
  }
}

function plainWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

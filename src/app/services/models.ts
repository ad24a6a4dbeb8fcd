import { AppError } from '../../errors/app-error.ts'
import type { ErrorCode } from '../../errors/error-codes.ts'
import type { ModelInfo } from '../../llm/model.ts'
import type { WireModel } from '../../wire/model.ts'
import type { AppParts } from '../app-parts.ts'

/** The models agents can use. */
export interface ModelService {
  /** Every model that can be used now. */
  list(filter: ModelFilter): Promise<readonly ModelInfo[]>
  /**
   * What is known of the models of several handles, by handle. A model that cannot be used now, for want of a key or a
   * provider, is described by what its handle says, so that its agents can still be shown.
   */
  describe(handles: readonly string[]): Promise<ReadonlyMap<string, WireModel>>
  /** The model behind a handle or a bare name, without calling it. Rejects as `ModelSource.describe` says. */
  resolve(name: string): Promise<ModelInfo>
  /** The full handle of a given name. Rejects as `ModelSource.canonicalHandle` says. */
  canonicalHandle(name: string): Promise<string>
}

/** Which models to list; absent fields do not filter. */
export interface ModelFilter {
  readonly providerName?: string
  readonly providerType?: string
  /** Only `base` exists. */
  readonly categories?: readonly string[]
}

/** Makes the service of models. */
export function createModelService({ models }: Pick<AppParts, 'models'>): ModelService {
  return {
    async list({ providerName, providerType, categories }) {
      if (categories?.includes('base') === false) return []
      const known = await models.list()
      return known.filter(
        (model) =>
          (providerName === undefined || model.provider === providerName) &&
          (providerType === undefined || model.endpointType === providerType),
      )
    },
    async describe(handles) {
      const unique = [...new Set(handles)]
      const described = await Promise.all(
        unique.map(async (handle) => [handle, await describeModel(models, handle)] as const),
      )
      return new Map(described)
    },
    resolve: (name) => models.describe(name),
    canonicalHandle: (name) => models.canonicalHandle(name),
  }
}

/** Why a model may be unusable although an agent names it. */
const unusable = new Set<ErrorCode>(['model_not_found', 'model_ambiguous', 'model_key_missing'])

async function describeModel(models: AppParts['models'], handle: string): Promise<WireModel> {
  try {
    return await models.describe(handle)
  } catch (error) {
    if (error instanceof AppError && unusable.has(error.code)) return unusableModel(handle)
    throw error
  }
}

/** The window shown for a model that nothing is known of, in tokens. */
const unknownWindow = 128_000

/** A model of which only the handle is known. */
export function unusableModel(handle: string): WireModel {
  const slash = handle.indexOf('/')
  const provider = slash === -1 ? 'openai' : handle.slice(0, slash)
  return {
    handle,
    provider,
    name: handle.slice(slash + 1),
    contextWindow: unknownWindow,
    maxOutputTokens: null,
    endpointType: provider,
    endpoint: null,
  }
}

import type { Clock } from '../util/clock.ts'
import { GrowingFold } from '../util/growing-fold.ts'
import type { LanguageModel } from './model.ts'
import type { ResolvedModel } from './resolved-model.ts'
import type { SdkClient } from './sdk/stream-sdk-model.ts'

/** What a model of a provider needs besides itself. */
export interface ProviderModelOptions {
  /** How long the provider may stay silent, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
}

/** A model of a provider; its package is loaded by the first call, which makes the client for all later ones. */
export function createProviderModel(
  resolved: Extract<ResolvedModel, { type: 'provider' }>,
  options: ProviderModelOptions,
): LanguageModel {
  const client: SdkClient = { model: null, sent: new GrowingFold() }
  // Kept, as even asking again for what is loaded costs a call three hundredths of its processor time.
  let loading: Promise<typeof import('./sdk/stream-sdk-model.ts')> | null = null
  return {
    handle: resolved.info.handle,
    info: resolved.info,
    async *stream(request) {
      loading ??= import('./sdk/stream-sdk-model.ts')
      const { streamSdkModel } = await loading
      yield* streamSdkModel({ client, resolved, request, ...options })
    },
  }
}

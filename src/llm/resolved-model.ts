import type { Endpoint } from './endpoint.ts'
import type { ModelFailure, ModelInfo } from './model.ts'

/** What a handle turned out to stand for. */
export type ResolvedModel =
  | {
      readonly type: 'provider'
      readonly info: ModelInfo
      readonly endpoint: Endpoint
      /** Whether the model takes settings of how much to think. */
      readonly reasoning: boolean
    }
  | { readonly type: 'offline'; readonly info: ModelInfo }
  /** The endpoint is the right one but cannot be asked for its models now; every call fails with the reason. */
  | { readonly type: 'unreachable'; readonly info: ModelInfo; readonly failure: ModelFailure }

import type { EmbedderSource } from '../llm/embedder.ts'
import type { ModelSource } from '../llm/model-source.ts'
import type { TextMemory } from '../memory/search/text-memory.ts'
import type { Store } from '../storage/store.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Clock } from '../util/clock.ts'
import type { IdSource } from '../util/id-source.ts'
import type { RuntimeLogger } from './runtime-logger.ts'
import type { TokenCalibration } from './token-calibration.ts'

/** What the runtime is built from; everything it touches comes through here. */
export interface RuntimeParts {
  readonly store: Store
  readonly models: ModelSource
  readonly calibration: TokenCalibration
  readonly tools: ToolRegistry
  /** Texts that were searched lately. Default: each search reads what it needs. */
  readonly texts?: TextMemory
  /** Where models of embeddings come from. Default: search by words alone. */
  readonly embedders?: EmbedderSource
  readonly clock: Clock
  readonly ids: IdSource
  readonly logger: RuntimeLogger
  readonly settings: RuntimeSettings
}

/** The numbers the runtime works by. All times in milliseconds. */
export interface RuntimeSettings {
  /** How long a lease lasts without renewal. */
  readonly leaseMs: number
  /** How often a lease is renewed. */
  readonly renewMs: number
  /** How long a batch of deltas is collected before it is committed. */
  readonly eventBatchMs: number
  /** A batch of deltas is committed when it reaches this size, in characters. */
  readonly eventBatchSize: number
  /** How often a server looks for turns that nobody carries on. */
  readonly claimEveryMs: number
  /** How many turns this process runs at once. */
  readonly concurrentTurns: number
  /** After this much idle time a conversation's prefix is built anew. */
  readonly cacheLifetimeMs: number
  /** How long a repeated request without otid is recognised. */
  readonly retryWindowMs: number
  /** Model calls per turn when the request names no limit. */
  readonly maxSteps: number
  /** How long a turn waits for a summary before it goes on without a model's. */
  readonly summaryTimeoutMs: number
  /** The most tokens of what is looked up for a turn outside of its view; 0 = nothing is. */
  readonly recallTokens: number
}

/** The numbers of the design; every one can be replaced. */
export const defaultRuntimeSettings: RuntimeSettings = {
  leaseMs: 15_000,
  renewMs: 5_000,
  eventBatchMs: 40,
  eventBatchSize: 1024,
  claimEveryMs: 1_000,
  concurrentTurns: 64,
  cacheLifetimeMs: 10 * 60_000,
  retryWindowMs: 10 * 60_000,
  maxSteps: 50,
  summaryTimeoutMs: 30_000,
  recallTokens: 1000,
}

import type { EmbedderSource } from '../llm/embedder.ts'
import type { ModelSource } from '../llm/model-source.ts'
import type { JobWorker } from '../jobs/job-worker.ts'
import type { TextMemory } from '../memory/search/text-memory.ts'
import type { OutboundGuard } from '../net/outbound-guard.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { TokenCalibration } from '../runtime/token-calibration.ts'
import type { Store } from '../storage/store.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Clock } from '../util/clock.ts'
import type { IdSource } from '../util/id-source.ts'
import type { SecretBox } from './secret-box.ts'
import type { WriteRefusals } from './write-refusals.ts'

/** Everything the services and the server are made from, built and owned by `createApp`. */
export interface AppParts {
  readonly settings: AppSettings
  readonly store: Store
  /** What the store has refused to store lately. */
  readonly refusals: WriteRefusals
  readonly models: ModelSource
  /** What is learnt of how models count tokens. */
  readonly calibration: TokenCalibration
  /** Where models of embeddings come from. */
  readonly embedders: EmbedderSource
  readonly tools: ToolRegistry
  /** Texts that were searched lately. */
  readonly texts: TextMemory
  readonly runtime: Runtime
  readonly clock: Clock
  readonly ids: IdSource
  readonly secrets: SecretBox
  /** Works on the queue once a server has started it. */
  readonly jobs: JobWorker
  /** Judges every request to the outside that a user can cause. */
  readonly guard: OutboundGuard
  readonly logger: Logger
}

/** The settings that decide how the API behaves; read from `config/` once. */
export interface AppSettings {
  /** The version of the program, as health reports it. */
  readonly version: string
  /** A random value of this process, by which a client recognises the server it looks for. */
  readonly instanceId: string
  /** The longest request body, in bytes; a longer one is refused with 413 before anything is stored. Default: 4 MiB. */
  readonly bodyLimitBytes: number
  /** How long a request that does not stream may take, in milliseconds; 0 = any time. Default: 600,000. */
  readonly requestTimeoutMs: number
  /** Names besides loopback that a Host header may carry; `*` allows any. Default: none. */
  readonly allowedHosts: readonly string[]
  /** Origins besides those of the original server that browsers may call from. Default: none. */
  readonly allowedOrigins: readonly string[]
  /** Whether a key is asked for although none exists yet. Default: false. */
  readonly requireKey: boolean
  /** A secret of this process that counts as an admin key of the default user; null = there is none. */
  readonly localToken: string | null
  /** Whether a message for a busy conversation is refused instead of queued (`LETTA_BUSY=reject`). Default: false. */
  readonly rejectBusy: boolean
  /** The handle of new agents that name no model. Default: `letta/auto`. */
  readonly defaultModel: string
  /** The handle of the embedding model of new agents and archives that name none; null = words only. */
  readonly defaultEmbedding: string | null
  /** The silence after which a stream sends a ping, in milliseconds. Default: 20,000. */
  readonly pingIntervalMs: number
  /** How long the events of an ended run are kept, in milliseconds; 0 = for ever. Default: 7 days. */
  readonly keepEventsMs: number
  /** What requests to the outside may reach beside the public Internet. Default: nothing. */
  readonly outboundAllow: readonly string[]
}

/** The values of {@link AppSettings} that do not depend on the process. */
export const defaultAppSettings: Omit<AppSettings, 'version' | 'instanceId'> = {
  bodyLimitBytes: 4 * 1024 * 1024,
  requestTimeoutMs: 600_000,
  allowedHosts: [],
  allowedOrigins: [],
  requireKey: false,
  localToken: null,
  rejectBusy: false,
  defaultModel: 'letta/auto',
  defaultEmbedding: null,
  pingIntervalMs: 20_000,
  keepEventsMs: 7 * 24 * 60 * 60_000,
  outboundAllow: [],
}

/** The part of a pino logger that the product uses. */
export interface Logger {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

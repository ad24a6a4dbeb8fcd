import type { JsonObject } from '../util/json.ts'
import type { ConsolidationPolicy } from './consolidation.ts'
import type { MemoryMode } from './memory-change.ts'
import type { StopReason } from './run.ts'

/** The agent types of the wire; `letta_v1_agent` is the one this product's loop implements. */
export const agentTypes = [
  'memgpt_agent',
  'memgpt_v2_agent',
  'letta_v1_agent',
  'react_agent',
  'workflow_agent',
  'split_thread_agent',
  'sleeptime_agent',
  'voice_convo_agent',
  'voice_sleeptime_agent',
] as const

/** One of {@link agentTypes}. */
export type AgentType = (typeof agentTypes)[number]

/** The handle of the model that picks a real one at each turn. */
export const automaticModel = 'letta/auto'

/**
 * A persona, a model, tools and a memory, kept in the database; an idle agent is rows only.
 */
export interface Agent {
  /** `agent-<uuid4>`. */
  readonly id: string
  readonly name: string
  readonly agentType: AgentType
  /** The base system prompt, before memory is rendered into it. */
  readonly system: string
  /** The handle `provider/model`, or {@link automaticModel}. */
  readonly model: string
  /** Settings for the model as the wire carries them (`model_settings`), or null for the model's defaults. */
  readonly modelSettings: JsonObject | null
  /** The window the prompt must fit into, in tokens; null = what the model has, at most 128,000. */
  readonly contextWindow: number | null
  /** The handle of the embedding model, or null: words only. */
  readonly embedding: string | null
  readonly description: string | null
  readonly metadata: JsonObject
  readonly tags: readonly string[]
  /** Identifiers of attached tools in order of attachment; built-in ones come from `namedIdentifier('tool', name)`. */
  readonly toolIds: readonly string[]
  /** Identifiers of attached blocks in order of attachment: the order they have in the prompt. */
  readonly blockIds: readonly string[]
  /** Tool rules as the wire carries them. */
  readonly toolRules: readonly JsonObject[]
  /** Names of secrets with encrypted values; never leaves the server in clear. */
  readonly secrets: Readonly<Record<string, string>>
  /** Whether its edits of memory count at once or wait for a person. */
  readonly memoryMode: MemoryMode
  /** When its memory is tidied by itself; null = never. */
  readonly consolidation: ConsolidationPolicy | null
  /** IANA time zone that dates in prompts and tool results are shown in. */
  readonly timezone: string
  /** Whether default listings leave it out. */
  readonly hidden: boolean
  /** Wire fields that are stored and returned but have no meaning here yet. */
  readonly extra: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdById: string | null
  readonly updatedById: string | null
  /** When the last run ended, how long it took and why it stopped; null before the first. */
  readonly lastRunCompletion: number | null
  readonly lastRunDurationMs: number | null
  readonly lastStopReason: StopReason | null
  /** How many of its turns have ended. */
  readonly turnCount: number
}

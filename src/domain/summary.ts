import type { JsonObject } from '../util/json.ts'

/** How a compaction chooses what leaves the view, and who is asked to sum it up. */
export const compactionModes = [
  'sliding_window',
  'all',
  'self_compact_sliding_window',
  'self_compact_all',
] as const

/**
 * One of {@link compactionModes}. `sliding_window`: the oldest part leaves; `all`: everything before the running turn. With
 * `self_compact_` the agent's own model is asked with the agent's own prompt, so that the provider's cache serves it.
 */
export type CompactionMode = (typeof compactionModes)[number]

/** How the conversations of an agent are compacted. */
export interface CompactionSettings {
  readonly mode: CompactionMode
  /** The handle of the model that writes summaries; null = the one the conversation is run with. */
  readonly model: string | null
  readonly modelSettings: JsonObject | null
  /** Replaces the instructions for the summary; null = those of the mode. */
  readonly prompt: string | null
  /** Whether an acknowledgement in the model's name stands between the instructions and the conversation. */
  readonly promptAcknowledgement: boolean
  /** The most characters of a summary; null = no limit but the tokens it may have. */
  readonly clipChars: number | null
  /** The part of the window that is freed by `sliding_window`, between 0 and 1. */
  readonly slidingWindowPercentage: number
}

/** What counts where an agent says nothing; the numbers of the original server. */
export const defaultCompactionSettings: CompactionSettings = {
  mode: 'sliding_window',
  model: null,
  modelSettings: null,
  prompt: null,
  promptAcknowledgement: false,
  clipChars: 50_000,
  slidingWindowPercentage: 0.3,
}

/**
 * Why a view was compacted, in the words of the wire: it had grown close to its limit, it would not have fitted, or somebody
 * asked.
 */
export type CompactionTrigger = 'post_step_context_check' | 'context_window_exceeded' | 'manual'

/** What a summary says about itself. */
export interface SummaryFacts {
  readonly trigger: CompactionTrigger
  readonly mode: CompactionMode
  /** `model`: written by one. `digest`: put together from extracts, without a model. */
  readonly method: 'model' | 'digest'
  /** Why there is no model behind it; null when there is one. */
  readonly reason: string | null
  /** The handle of the model that wrote it, or null. */
  readonly model: string | null
  /** Estimated tokens of the request before and after. */
  readonly tokensBefore: number
  readonly tokensAfter: number
  readonly contextWindow: number
  /** Messages in the view before and after, the summary included, the system message not. */
  readonly messagesBefore: number
  readonly messagesAfter: number
  /** Messages that left the view with it. */
  readonly covered: number
  /** When the first and the last of them were said, in epoch milliseconds. */
  readonly from: number
  readonly until: number
  /** The summary that this one takes up and replaces in the view; null = none. */
  readonly earlierId: string | null
}

import type { Letta } from '@letta-ai/letta-client'
import type { PlaceOptions } from './rest-conversation.ts'

/** What fills a window, in estimated tokens; the field names are those of the wire. */
export interface ContextOverview {
  readonly model: string
  readonly context_window_size_max: number
  readonly context_window_size_current: number
  /** Kept free for the answer. */
  readonly reserved_tokens: number
  /** Tokens the provider counts for each that is estimated, as learnt from its reports; 1 = nothing was learnt. */
  readonly token_factor: number
  readonly num_messages: number
  readonly num_recall_memory: number
  readonly num_archival_memory: number
  readonly num_tokens_system: number
  readonly num_tokens_core_memory: number
  readonly num_tokens_external_memory_summary: number
  readonly num_tokens_summary_memory: number
  readonly num_tokens_functions_definitions: number
  readonly num_tokens_messages: number
  readonly system_prompt: string
  readonly core_memory: string
  readonly summary_memory: string | null
}

/** A request as it was sent. */
export interface SentContext {
  readonly step_id: string
  readonly run_id: string
  readonly sent_at: string
  /** Whether what is shown is, byte for byte, what was sent. */
  readonly exact: boolean
  readonly bytes: number
  readonly tokens: {
    readonly system: number
    readonly tools: number
    readonly summary: number
    readonly messages: number
    readonly total: number
  }
  readonly prefix: { readonly built_at: string; readonly rebuilt: boolean }
  readonly summary_id: string | null
  /** What was looked up outside of the view, with the verdict on each; null = nothing was looked up. */
  readonly recall:
    | readonly {
        readonly id: string
        readonly kind: string
        readonly coverage: number
        readonly score: number
        readonly verdict: string
      }[]
    | null
  /** What it shares with the request before; null = there was none. */
  readonly common_prefix: {
    readonly step_id: string
    readonly bytes: number
    readonly share: number
    readonly reason: string | null
  } | null
  readonly system: string | null
  readonly messages: readonly { readonly role: string }[]
}

/** Reads what fills the window of a conversation. */
export async function readContext(letta: Letta, place: PlaceOptions): Promise<ContextOverview> {
  return (await get(letta, place, {})) as ContextOverview
}

/** Reads the last request of a conversation. */
export async function readSentContext(letta: Letta, place: PlaceOptions): Promise<SentContext> {
  return (await get(letta, place, { view: 'sent' })) as SentContext
}

async function get(
  letta: Letta,
  { agentId, conversationId }: PlaceOptions,
  query: Readonly<Record<string, string>>,
): Promise<unknown> {
  const place = conversationId === undefined ? {} : { conversation_id: conversationId }
  return await letta.get(`/v1/agents/${agentId}/context`, { query: { ...query, ...place } })
}

import type { Letta } from '@letta-ai/letta-client'
import { LettaError } from './errors.ts'
import type { PlaceOptions } from './rest-conversation.ts'

const modes = ['all', 'sliding_window', 'self_compact_all', 'self_compact_sliding_window'] as const

/** How to compact a conversation. */
export interface CompactOptions extends PlaceOptions {
  /**
   * `sliding_window`: the oldest part leaves; `all`: everything; with `self_compact_` the agent's own prompt is used.
   * Default: what the agent's settings say.
   */
  readonly mode?: string | undefined
  /** The model that writes the summary. Default: what the agent's settings say, else the conversation's own. */
  readonly model?: string | undefined
}

/** What a compaction came to. */
export interface Compaction {
  /** The summary that now stands for the beginning; empty when there is none. */
  readonly summary: string
  /** Messages in view with the system message; equal when nothing could leave. */
  readonly messagesBefore: number
  readonly messagesAfter: number
}

/** Compacts a conversation now. */
export async function compactConversation(
  letta: Letta,
  { agentId, conversationId, mode, model }: CompactOptions,
): Promise<Compaction> {
  const known = modes.find((name) => name === mode)
  if (mode !== undefined && known === undefined) {
    throw new LettaError(
      'invalid_argument',
      `Cannot compact by ${JSON.stringify(mode)}: there is no such mode. Use one of ${modes.join(', ')}.`,
    )
  }
  const settings = {
    ...(known !== undefined && { mode: known }),
    ...(model !== undefined && { model }),
  }
  const reply = await letta.conversations.messages.compact(conversationId ?? 'default', {
    ...(conversationId === undefined && { agent_id: agentId }),
    ...(Object.keys(settings).length > 0 && { compaction_settings: settings }),
  })
  return {
    summary: reply.summary,
    messagesBefore: reply.num_messages_before,
    messagesAfter: reply.num_messages_after,
  }
}

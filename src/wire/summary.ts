import { z } from 'zod'
import type { SummaryPart } from '../domain/message.ts'
import {
  compactionModes,
  defaultCompactionSettings,
  type CompactionSettings,
  type SummaryFacts,
} from '../domain/summary.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'
import { optional } from './optional.ts'
import { encodeTime } from './time.ts'

/** `CompactionSettings`: what is absent or null has its default. Unknown fields are ignored. */
export const compactionSettingsSchema = z.lazy(() =>
  z.object({
    mode: optional(z.enum(compactionModes)),
    model: optional(z.string()),
    model_settings: optional(jsonObject),
    prompt: optional(z.string()),
    prompt_acknowledgement: optional(z.boolean()),
    clip_chars: z.int().min(1).nullish(),
    sliding_window_percentage: optional(z.number().gt(0).lt(1)),
  }),
)

/** `AgentCompactionRequest`, and with `agent_id` `ConversationCompactionRequest`: unknown fields are ignored. */
export const compactionRequestSchema = z.lazy(() =>
  z.object({
    agent_id: optional(z.string()),
    compaction_settings: optional(compactionSettingsSchema),
  }),
)

/** `CompactionResponse`. */
export function encodeCompaction(outcome: {
  readonly text: string
  readonly messagesBefore: number
  readonly messagesAfter: number
}): JsonObject {
  return {
    summary: outcome.text,
    num_messages_before: outcome.messagesBefore,
    num_messages_after: outcome.messagesAfter,
  }
}

/** The settings in a request, or in what is stored of an agent (`compaction_settings`); all defaults for nothing. */
export function toCompactionSettings(
  ...given: readonly (z.infer<typeof compactionSettingsSchema> | null | undefined)[]
): CompactionSettings {
  let settings = defaultCompactionSettings
  for (const body of given) {
    if (body === null || body === undefined) continue
    settings = {
      mode: body.mode ?? settings.mode,
      model: body.model ?? settings.model,
      modelSettings: body.model_settings ?? settings.modelSettings,
      prompt: body.prompt ?? settings.prompt,
      promptAcknowledgement: body.prompt_acknowledgement ?? settings.promptAcknowledgement,
      clipChars: body.clip_chars === undefined ? settings.clipChars : body.clip_chars,
      slidingWindowPercentage: body.sliding_window_percentage ?? settings.slidingWindowPercentage,
    }
  }
  return settings
}

/** What an agent stores as `compaction_settings`; what does not parse has its defaults: an older program may have written it. What a request
 * says comes first. */
export function storedCompactionSettings(
  extra: JsonObject,
  request?: z.infer<typeof compactionSettingsSchema>,
): CompactionSettings {
  const parsed = compactionSettingsSchema.safeParse(extra['compaction_settings'])
  return toCompactionSettings(parsed.success ? parsed.data : null, request)
}

/** `CompactionSettings` as agents carry them, with every field. */
export function encodeCompactionSettings(settings: CompactionSettings): JsonObject {
  return {
    mode: settings.mode,
    model: settings.model,
    model_settings: settings.modelSettings,
    prompt: settings.prompt,
    prompt_acknowledgement: settings.promptAcknowledgement,
    clip_chars: settings.clipChars,
    sliding_window_percentage: settings.slidingWindowPercentage,
  }
}

/** `CompactionStats`; the numbers of messages count the system message. */
export function encodeSummaryStats(facts: SummaryFacts): JsonObject {
  return {
    trigger: facts.trigger,
    context_tokens_before: facts.tokensBefore,
    context_tokens_after: facts.tokensAfter,
    context_window: facts.contextWindow,
    messages_count_before: facts.messagesBefore + 1,
    messages_count_after: facts.messagesAfter + 1,
  }
}

/** The text of a summary in a list of messages: JSON, as the original stores it. */
export function packSummary({ text, facts }: SummaryPart, createdAt: number): string {
  const note = `Note: ${facts.covered} earlier messages are no longer in view. They are stored. Summary of them:\n${text}`
  return JSON.stringify({
    type: 'system_alert',
    message: note,
    time: encodeTime(createdAt),
    compaction_stats: encodeSummaryStats(facts),
  })
}

import { z } from 'zod'
import type { SharedV4ProviderMetadata, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { JsonObject } from '../../util/json.ts'

/**
 * What providers attach to reasoning so that it can be sent back to them, in the one text our messages have room for.
 *
 * Anthropic and Google attach one opaque text; it is kept as it is. OpenAI attaches an item's id and its encrypted
 * content; they are kept as JSON.
 */
export function toSignature(metadata: SharedV4ProviderMetadata | undefined): string | null {
  const anthropic = fields.signature.safeParse(metadata?.['anthropic'])
  if (anthropic.success) return anthropic.data.signature
  const google = fields.thought.safeParse(googleMetadata(metadata))
  if (google.success) return google.data.thoughtSignature
  const openai = fields.item.safeParse(metadata?.['openai'])
  return openai.success ? JSON.stringify(openai.data) : null
}

/** The opaque block that stands in place of reasoning Anthropic does not show; null when there is none. */
export function toRedactedData(metadata: SharedV4ProviderMetadata | undefined): string | null {
  const parsed = fields.redacted.safeParse(metadata?.['anthropic'])
  return parsed.success ? parsed.data.redactedData : null
}

/** What Google attaches to a tool call, as data of hidden reasoning that names the call; null when there is none. */
export function toCallSignature(
  callId: string,
  metadata: SharedV4ProviderMetadata | undefined,
): string | null {
  const parsed = fields.thought.safeParse(googleMetadata(metadata))
  if (!parsed.success) return null
  return JSON.stringify({ callId, thoughtSignature: parsed.data.thoughtSignature })
}

/** The tool call that hidden reasoning belongs to and what is to be attached to it; null when it is of another kind. */
export function fromCallSignature(
  data: string,
): { readonly callId: string; readonly options: SharedV4ProviderOptions } | null {
  const parsed = fields.call.safeParse(parseObject(data))
  if (!parsed.success) return null
  const { callId, thoughtSignature } = parsed.data
  return { callId, options: { google: { thoughtSignature } } }
}

/** A signature in the form OpenAI's package expects; null when it is none of OpenAI's. */
export function fromItemSignature(signature: string): SharedV4ProviderOptions | null {
  const parsed = fields.item.safeParse(parseObject(signature))
  return parsed.success ? { openai: parsed.data } : null
}

function googleMetadata(metadata: SharedV4ProviderMetadata | undefined): unknown {
  return metadata?.['google'] ?? metadata?.['openaiCompatible']
}

function parseObject(text: string): JsonObject | null {
  const parsed = jsonObject.safeParse(text)
  return parsed.success ? parsed.data : null
}

const jsonObject = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(z.record(z.string(), z.json()))

const fields = {
  signature: z.object({ signature: z.string() }),
  redacted: z.object({ redactedData: z.string() }),
  thought: z.object({ thoughtSignature: z.string() }),
  call: z.object({ callId: z.string(), thoughtSignature: z.string() }),
  item: z.object({ itemId: z.string(), reasoningEncryptedContent: z.string() }),
}

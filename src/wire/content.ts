import { z } from 'zod'
import { optional } from './optional.ts'
import type { ContentPart } from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'

const textPart = z.lazy(() =>
  z.object({ type: z.literal('text').default('text'), text: z.string() }),
)
const imagePart = z.lazy(() => z.object({ type: z.literal('image'), source: jsonObject }))
const reasoningPart = z.lazy(() =>
  z.object({
    type: z.literal('reasoning'),
    reasoning: z.string(),
    signature: optional(z.string()),
  }),
)

/** The content of a message in a request: a text, or parts of text, pictures and reasoning. */
export const contentSchema = z.lazy(() =>
  z.union([
    z.string(),
    z.array(z.discriminatedUnion('type', [textPart, imagePart, reasoningPart])),
  ]),
)

/** Content from its decoded form; empty texts are left out. */
export function toContent(content: z.infer<typeof contentSchema>): readonly ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return content.flatMap((part): readonly ContentPart[] => {
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [{ type: 'text', text: part.text }]
      case 'image':
        return [{ type: 'image', source: part.source }]
      default:
        return [{ type: 'reasoning', text: part.reasoning, signature: part.signature ?? null }]
    }
  })
}

/** The content of a user's or system message: a text when it is a single one, else parts. */
export function encodeContent(content: readonly ContentPart[]): string | readonly JsonObject[] {
  const [first, ...more] = content
  if (first === undefined) return ''
  if (first.type === 'text' && more.length === 0) return first.text
  return content.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text, signature: null }]
    return part.type === 'image' ? [{ type: 'image', source: part.source }] : []
  })
}

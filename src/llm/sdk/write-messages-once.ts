import { randomUUID } from 'node:crypto'
import type { LanguageModelV4, LanguageModelV4Message } from '@ai-sdk/provider'

/** The part of a package's model that is used here. */
export type SdkModel = Pick<LanguageModelV4, 'doStream'>

/** How a provider's requests are made. */
export interface RequestWriter {
  /** Makes the model, which sends its requests through `fetch`. */
  readonly createModel: (fetch: typeof globalThis.fetch) => SdkModel
  /** What the package writes for one message into `messages` of the request's body. */
  readonly toBody: (message: LanguageModelV4Message) => readonly unknown[]
}

/** Longer texts are written anew each time: they are rare, and keeping them would double what they take. */
const longestKept = 8_192

/**
 * A model that writes each message as JSON once, for a body whose `messages` are written one by one and independently
 * of each other, as chat completions are.
 *
 * A long conversation is sent with every call and only its end is new. So the package gets one placeholder as its
 * prompt, and the body it makes gets the kept texts in its place: byte for byte what the package had written itself.
 */
export function writeMessagesOnce({ createModel, toBody }: RequestWriter): SdkModel {
  const texts = new WeakMap<LanguageModelV4Message, string>()
  const open = new Map<string, string>()
  const model = createModel((url, init) => fetch(url, { ...init, body: fillIn(init?.body, open) }))
  const write = (message: LanguageModelV4Message): string => {
    const known = texts.get(message)
    if (known !== undefined) return known
    const text = toBody(message)
      .map((part) => JSON.stringify(part))
      .join()
    if (text.length <= longestKept) texts.set(message, text)
    return text
  }
  return {
    async doStream({ prompt, ...options }) {
      const place = randomUUID()
      const placeholder: LanguageModelV4Message = {
        role: 'user',
        content: [{ type: 'text', text: place }],
      }
      const written = write(placeholder)
      open.set(
        written,
        prompt
          .map(write)
          .filter((text) => text !== '')
          .join(),
      )
      try {
        return await model.doStream({ ...options, prompt: [placeholder] })
      } finally {
        open.delete(written)
      }
    },
  }
}

/** Puts the messages of the call that made this body where its placeholder is. */
function fillIn(body: unknown, open: ReadonlyMap<string, string>): string {
  if (typeof body === 'string') {
    for (const [placeholder, messages] of open) {
      if (body.includes(placeholder)) return body.replace(placeholder, () => messages)
    }
  }
  throw new Error('A request to a model has lost its messages: its body holds no placeholder')
}

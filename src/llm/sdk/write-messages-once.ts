import { randomUUID } from 'node:crypto'
import type {
  LanguageModelV4,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider'
import { networkFetch } from '../../net/network-fetch.ts'
import { GrowingFold } from '../../util/growing-fold.ts'

/** The part of a package's model that is used here. */
export type SdkModel = Pick<LanguageModelV4, 'doStream'>

/** How a provider's requests are made. */
export interface RequestWriter {
  /** Makes the model, which sends its requests through `fetch`. */
  readonly createModel: (fetch: typeof globalThis.fetch) => SdkModel
  /** What the package writes for one message into `messages` of the request's body. */
  readonly toBody: (message: LanguageModelV4Message) => readonly unknown[]
}

/** From which length on a piece of a kept text grows no more, in characters. */
const pieceLength = 16_384

/**
 * A model that writes a conversation as JSON once, for a body whose `messages` are written one by one and independently
 * of each other, as chat completions are.
 *
 * A long conversation is sent with every call and only its end is new. So the package gets one placeholder as its
 * prompt, and the body it makes gets the kept texts in its place: byte for byte what the package had written itself. They are kept
 * in pieces, so that a conversation that grows replaces its last one: a text as a whole would be copied in each turn, and the copy
 * live just long enough to be costly garbage.
 */
export function writeMessagesOnce({ createModel, toBody }: RequestWriter): SdkModel {
  const texts = new GrowingFold<LanguageModelV4Message, readonly string[]>()
  const open = new Map<string, string>()
  const model = createModel((url, init) =>
    networkFetch(url, { ...init, body: fillIn(init?.body, open) }),
  )
  const write = (messages: readonly LanguageModelV4Message[]): readonly string[] =>
    messages.flatMap((message) => toBody(message).map((part) => JSON.stringify(part)))
  const writePrompt = (prompt: LanguageModelV4Prompt): string => {
    const first = prompt[0]?.role === 'system' ? 1 : 0
    const last = Math.max(first, prompt.findLastIndex(({ role }) => role === 'user') + 1)
    const before = texts.fold(prompt.slice(first, last), {
      start: [],
      add: (pieces, added) => lengthen(pieces, joinTexts(write(added))),
    })
    const [system, rest] = [write(prompt.slice(0, first)), write(prompt.slice(last))]
    return chainTexts([...system, ...before, ...rest])
  }
  return {
    async doStream({ prompt, ...options }) {
      const place = randomUUID()
      const placeholder: LanguageModelV4Message = {
        role: 'user',
        content: [{ type: 'text', text: place }],
      }
      const written = joinTexts(write([placeholder]))
      open.set(written, writePrompt(prompt))
      try {
        return await model.doStream({ ...options, prompt: [placeholder] })
      } finally {
        open.delete(written)
      }
    },
  }
}

/** Pieces with more at their end. */
function lengthen(pieces: readonly string[], text: string): readonly string[] {
  const last = pieces.at(-1)
  if (text === '') return pieces
  if (last === undefined || last.length >= pieceLength) return pieces.concat(text)
  return pieces.with(-1, joinTexts([last, text]))
}

/** Texts of JSON as the elements of one array, to be kept. */
function joinTexts(texts: readonly string[]): string {
  return texts.join()
}

/** The same, to be sent: V8 only notes which texts follow each other, and copies them when the body is written. */
function chainTexts(texts: readonly string[]): string {
  return texts.reduce((text, more) => (text === '' ? more : `${text},${more}`), '')
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

import { AppError } from '../errors/app-error.ts'
import type { JsonObject } from '../util/json.ts'
import type { Embedder, EmbedderSource } from '../llm/embedder.ts'

/** What a call can fail with. */
type Failure =
  | 'llm_unreachable'
  | 'llm_bad_request'
  | 'llm_error'
  | 'llm_rate_limit'
  | 'llm_timeout'

/** An embedder of tests: what it makes of a text, and what it was given. */
export interface DoubleEmbedder extends EmbedderSource {
  /** The handle it answers to. */
  readonly handle: string
  /** Every text it was given, in order. */
  readonly texts: readonly string[]
  /** Has each call fail with a code from now on; null = no more. */
  fail(code: Failure | null, data?: JsonObject): void
  /** Has each call be refused that has such a text from now on. */
  refuse(isRefused: (text: string) => boolean, code?: Failure): void
}

/** Makes an embedder that turns each text into the vector that `toVector` gives. */
export function createDoubleEmbedder(
  toVector: (text: string) => readonly number[],
  handle = 'test/double',
): DoubleEmbedder {
  const texts: string[] = []
  let failure: AppError | null = null
  let isRefused = (_text: string): boolean => false
  let refusedBy: Failure = 'llm_bad_request'
  const embedder: Embedder = {
    handle,
    embed(given) {
      if (failure !== null) return Promise.reject(failure)
      if (given.some(isRefused)) {
        return Promise.reject(new AppError(refusedBy, 'Cannot embed: too long. Cut it.'))
      }
      texts.push(...given)
      return Promise.resolve(given.map(toVector))
    },
  }
  return {
    handle,
    texts,
    fail(code, data = {}) {
      const message = `Cannot embed: ${code}. Start it.`
      failure = code === null ? null : new AppError(code, message, { data })
    },
    refuse(refusal, code = 'llm_bad_request') {
      isRefused = refusal
      refusedBy = code
    },
    resolve(wanted) {
      if (wanted === handle) return embedder
      throw new AppError(
        'model_not_found',
        `Cannot embed with ${wanted}: it is not there. Name ${handle}.`,
      )
    },
  }
}

/** Directions that say nothing of a text: the same ones for the same text. */
export function toNoise(dimensions: number): (text: string) => readonly number[] {
  return (text) => {
    let state = 2_166_136_261
    for (const character of text)
      state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619)
    return Array.from({ length: dimensions }, () => {
      state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
      return state / 2 ** 32 - 0.5
    })
  }
}

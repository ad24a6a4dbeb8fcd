import { isAppError } from '../../errors/app-error.ts'
import type { ErrorCode } from '../../errors/error-codes.ts'
import type { Embedder } from '../../llm/embedder.ts'

/** How long an endpoint may take for one request, in milliseconds. */
const answerWithinMs = 120_000

/** How much of a text is embedded, in characters, and how much of one that is refused as it is. */
const lengths = [8000, 2000, 500] as const

/** What every model of embeddings takes. */
const plainText = 'text'

type Vector = readonly number[]

/**
 * What a text can cause, and not only the state of the endpoint: some answer a text they make no numbers of with an error of their own
 * or with no JSON, and many long ones take a small one too long.
 */
const codesOfTexts: readonly ErrorCode[] = ['llm_bad_request', 'llm_error', 'llm_timeout']

/**
 * The vectors of texts, in their order; null for one that the endpoint refuses or fails at even when it is cut, or answers with no
 * direction: one such text does not keep the others without vectors. Rejects as the embedder does, also with one of
 * {@link codesOfTexts} when it fails whatever it is sent.
 */
export async function embedEach(
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly (Vector | null)[]> {
  const asked = limitTime(embedder, signal)
  const [longest] = lengths
  const vectors = await tryAll(
    asked,
    texts.map((text) => cut(text, longest)),
    true,
  )
  return vectors.map((vector) => (vector?.some((value) => value !== 0) === true ? vector : null))
}

type Ask = (texts: readonly string[]) => Promise<readonly Vector[]>

function limitTime(embedder: Embedder, signal: AbortSignal): Ask {
  return (texts) =>
    embedder.embed(texts, AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]))
}

/** `isFirst`: nothing says yet that the endpoint takes anything at all. */
async function tryAll(
  ask: Ask,
  texts: readonly string[],
  isFirst: boolean,
): Promise<readonly (Vector | null)[]> {
  const whole = await unlessRefused(() => ask(texts))
  if (whole !== null) return whole
  if (isFirst) {
    await ask([plainText])
    // What was wrong may be over.
    const again = texts.length === 1 ? await unlessRefused(() => ask(texts)) : null
    if (again !== null) return again
  }
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return [await tryShorter(ask, only)]
  const middle = Math.ceil(texts.length / 2)
  return [
    ...(await tryAll(ask, texts.slice(0, middle), false)),
    ...(await tryAll(ask, texts.slice(middle), false)),
  ]
}

async function tryShorter(ask: Ask, text: string): Promise<Vector | null> {
  for (const length of lengths) {
    if (text.length <= length) continue
    const vectors = await unlessRefused(() => ask([cut(text, length)]))
    if (vectors !== null) return vectors[0] ?? null
  }
  return null
}

/** The beginning of a text; half a sign at its end is no text to an endpoint. */
function cut(text: string, length: number): string {
  const cutText = text.slice(0, length)
  return /[\uD800-\uDBFF]$/.test(cutText) ? cutText.slice(0, -1) : cutText
}

async function unlessRefused<Result>(call: () => Promise<Result>): Promise<Result | null> {
  try {
    return await call()
  } catch (error) {
    if (isAppError(error) && codesOfTexts.includes(error.code)) return null
    throw error
  }
}

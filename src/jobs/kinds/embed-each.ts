import { isAppError } from '../../errors/app-error.ts'
import type { Embedder } from '../../llm/embedder.ts'

/** How long an endpoint may take for one request, in milliseconds. */
const answerWithinMs = 120_000

/** How much of a text is embedded, in characters, and how much of one that is refused as it is. */
const lengths = [8000, 2000, 500] as const

/** What every model of embeddings takes. */
const plainText = 'text'

type Vector = readonly number[]

/**
 * The vectors of texts, in their order; null for one that the endpoint refuses even when it is cut, or answers with no
 * direction: one such text does not keep the others without vectors. Rejects as the embedder does, also with
 * `llm_bad_request` when it refuses whatever it is sent.
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
    texts.map((text) => text.slice(0, longest)),
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
  if (isFirst) await ask([plainText])
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
    const vectors = await unlessRefused(() => ask([text.slice(0, length)]))
    if (vectors !== null) return vectors[0] ?? null
  }
  return null
}

async function unlessRefused<Result>(call: () => Promise<Result>): Promise<Result | null> {
  try {
    return await call()
  } catch (error) {
    if (isAppError(error, 'llm_bad_request')) return null
    throw error
  }
}

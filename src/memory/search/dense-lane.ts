import type { DenseReport } from '../../domain/search.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import type { EmbedderSource } from '../../llm/embedder.ts'
import type { Neighbours, VectorQuery } from '../../storage/contract/vector-store.ts'
import { searchConstants } from './search-constants.ts'

/** What searching by meaning needs besides the words. */
export interface DenseSource {
  readonly embedders: EmbedderSource
  /** The handle of the model whose vectors messages have; null = there are none. Passages have those of what the store calls `findPassageModel`. */
  readonly model: string | null
  /** The vector of the query, made by whoever asks. Default: the model's endpoint makes it. */
  readonly vector?: readonly number[]
}

/** What is near to a query, by text. */
export interface DenseLane {
  /** From 0 (as near as texts are on average) to 1 (the nearest). */
  readonly nearness: ReadonlyMap<string, number>
  readonly report: DenseReport
}

/** How long an endpoint may take for a query, in milliseconds: longer nobody waits for a search. */
const answerWithinMs = 5000

/** Below this, vectors differ by nothing but how numbers are rounded. */
const leastSpread = 1e-5

/** Asks the store for what is nearest to a vector. */
type NearSearch = (
  query: VectorQuery & { readonly limit: number },
) => Promise<Neighbours<{ id: string }>>

/**
 * What is near to a query. An endpoint that cannot be asked is not a failure of the search, whose words go on; but the
 * report says what happened. A vector that was brought is refused as the store refuses it, and with `invalid_argument` where no
 * model is named that it could be of.
 */
export async function askDenseLane(
  { embedders, model, vector: brought }: DenseSource,
  text: string,
  search: NearSearch,
): Promise<DenseLane | null> {
  if (brought !== undefined) {
    if (model === null) throw noModelNamed('search by the vector')
    return await lookUp(search, { model, vector: brought })
  }
  if (model === null) return null
  try {
    const vector = await embedQuery({ embedders, model }, text)
    return vector === undefined ? null : await lookUp(search, { model, vector })
  } catch (error) {
    if (!isAppError(error)) throw error
    const failure = error.message
    return { nearness: new Map(), report: { model, vectors: 0, weight: 0, failure } }
  }
}

/** The vector of a query by its model, if the endpoint gives one in time. Rejects as the endpoint does. */
export async function embedQuery(
  { embedders, model }: { readonly embedders: EmbedderSource; readonly model: string },
  text: string,
): Promise<readonly number[] | undefined> {
  const embedder = embedders.resolve(model)
  const [vector] = await embedder.embed([text], AbortSignal.timeout(answerWithinMs))
  return vector
}

async function lookUp(search: NearSearch, query: VectorQuery): Promise<DenseLane> {
  const { items, statistics } = await search({ ...query, limit: searchConstants.denseLimit })
  const { vectorCount, meanSimilarity } = statistics
  const best = items[0]?.similarity ?? meanSimilarity
  const spread = best - meanSimilarity
  const nearness = new Map(
    items.map(({ item, similarity }) => [
      item.id,
      spread < leastSpread ? 0 : Math.min(1, Math.max(0, (similarity - meanSimilarity) / spread)),
    ]),
  )
  const report = { model: query.model, vectors: vectorCount, weight: 0, failure: null }
  return { nearness, report }
}

/** What a vector is told where nothing says which model it would be of. */
export function noModelNamed(action: string): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot ${action}: the agent or archive names no embedding model. Name one as its \`embedding\`; the handle may be of your own, such as mine/minilm.`,
  )
}

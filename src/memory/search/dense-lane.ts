import type { DenseReport } from '../../domain/search.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { EmbedderSource } from '../../llm/embedder.ts'
import type { Neighbours, VectorQuery } from '../../storage/contract/vector-store.ts'
import { searchConstants } from './search-constants.ts'

/** What searching by meaning needs besides the words. */
export interface DenseSource {
  readonly embedders: EmbedderSource
  /** The handle of the model whose vectors the texts have; null = there are none. */
  readonly model: string | null
}

/** What is near to a query, by text. */
export interface DenseLane {
  /** From 0 (as near as texts are on average) to 1 (the nearest). */
  readonly nearness: ReadonlyMap<string, number>
  readonly report: DenseReport
}

/** How long an endpoint may take for a query, in milliseconds: longer nobody waits for a search. */
const answerWithinMs = 5000

/**
 * What is near to a query. An endpoint that cannot be asked is not a failure of the search, whose words go on; but the
 * report says what happened.
 */
export async function askDenseLane(
  { embedders, model }: DenseSource,
  text: string,
  search: (query: VectorQuery & { readonly limit: number }) => Promise<Neighbours<{ id: string }>>,
): Promise<DenseLane | null> {
  if (model === null) return null
  try {
    const embedder = embedders.resolve(model)
    const [vector] = await embedder.embed([text], AbortSignal.timeout(answerWithinMs))
    if (vector === undefined) return null
    const { items, statistics } = await search({
      model,
      vector,
      limit: searchConstants.denseLimit,
    })
    const { vectorCount, meanSimilarity } = statistics
    const best = items[0]?.similarity ?? meanSimilarity
    const spread = best - meanSimilarity
    const nearness = new Map(
      items.map(({ item, similarity }) => [
        item.id,
        spread <= 0 ? 0 : Math.min(1, Math.max(0, (similarity - meanSimilarity) / spread)),
      ]),
    )
    return { nearness, report: { model, vectors: vectorCount, weight: 0, failure: null } }
  } catch (error) {
    if (!isAppError(error)) throw error
    const failure = error.message
    return { nearness: new Map(), report: { model, vectors: 0, weight: 0, failure } }
  }
}

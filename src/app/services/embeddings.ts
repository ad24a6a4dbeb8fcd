import type { TenantScope } from '../../domain/scope.ts'
import { readEmbedProblems } from '../../jobs/kinds/embed-problems.ts'
import { wakeEmbedJob } from '../../jobs/kinds/embed.ts'
import { whyUnserved } from '../../jobs/kinds/why-unserved.ts'
import { readWords } from '../../jobs/kinds/read-words.ts'
import { AppError } from '../../errors/app-error.ts'
import type { NewVector, VectorProgress } from '../../storage/contract/vector-store.ts'
import type { AppParts } from '../app-parts.ts'

/** The vectors of texts, for whoever looks after them. */
export interface EmbeddingService {
  /** How far the vectors of each model are that an agent or archive names. */
  progress(scope: TenantScope): Promise<readonly EmbeddingProgress[]>
  /**
   * Removes all vectors of a model, so that the job makes them anew, with other dimensions if need be. Returns how many
   * were removed.
   */
  rebuild(scope: TenantScope, model: string): Promise<number>
  /**
   * Stores vectors that the caller has made, of messages and passages that are stored; one of the same text and model is
   * replaced. Resolves with the ids of the texts that are there and read as is said. `invalid_argument`, `embedding_dimension_mismatch`, and then none is stored.
   */
  put(scope: TenantScope, vectors: BroughtVectors): Promise<readonly string[]>
}

/** How far the vectors of a model are, and what keeps them from being made. */
export interface EmbeddingProgress extends VectorProgress {
  /** Why no endpoint serves the model, so that clients have to bring its vectors; null = one does. */
  readonly unserved: string | null
  /** What went wrong the last time, or that texts wait for a provider without a key; null = nothing. */
  readonly problem: string | null
}

/** Vectors that a caller has made. */
export interface BroughtVectors {
  readonly model: string
  readonly vectors: readonly BroughtVector[]
}

/** A vector of one text. */
export interface BroughtVector {
  /** A message or passage. */
  readonly id: string
  readonly vector: readonly number[]
  /** The words it was made from, compared just before it is stored. Absent = they are not. */
  readonly text?: string | undefined
}

/** Makes the service of embeddings. */
export function createEmbeddingService(
  parts: Pick<AppParts, 'store' | 'clock' | 'embedders'>,
): EmbeddingService {
  const { store, clock, embedders } = parts
  return {
    async progress(scope) {
      const models = await store.listVectorProgress(scope)
      const problems = await readEmbedProblems(store, scope)
      return models.map((each) => {
        const refusal = whyUnserved(embedders, each.model)
        const lacksKey = refusal?.code === 'model_key_missing' && each.vectors < each.texts
        const [unserved, problem] =
          refusal === null
            ? [null, problems.of(each.model)]
            : lacksKey
              ? [null, refusal.message]
              : [refusal.message, null]
        return { ...each, unserved, problem }
      })
    },
    async rebuild(scope, model) {
      const removed = await store.deleteVectors(scope, { model })
      await wakeEmbedJob({ store, clock }, scope.tenantId)
      return removed
    },
    async put(scope, { model, vectors }) {
      const given = vectors.map((each) => ({ ...each, kind: kindOf(each.id) }))
      const compared = given.filter(({ text }) => text !== undefined)
      const words = await readWords(store, scope, compared)
      const items = given
        .filter(({ id, text }) => text === undefined || text === words.get(id))
        .map(({ id, kind, vector }) => ({ id, kind, vector, model }))
      return await store.putVectors(scope, { items })
    },
  }
}

function kindOf(id: string): NewVector['kind'] {
  for (const kind of ['message', 'passage'] as const) if (id.startsWith(`${kind}-`)) return kind
  throw new AppError(
    'invalid_argument',
    `Cannot store the vector of ${id}: only messages and passages have vectors. Name them by their ids; nothing was stored.`,
  )
}

import { AppError } from '../../errors/app-error.ts'
import type { EmbedderSource } from '../../llm/embedder.ts'
import { type DenseSource, embedQuery, noModelNamed } from '../../memory/search/dense-lane.ts'
import { present } from '../../wire/optional.ts'

/** By what a search finds: `fts` by words, `vector` by meaning, `hybrid` by both, as far as there are vectors. */
export type SearchMode = 'fts' | 'vector' | 'hybrid'

/** What is asked, and by what it is to be found. */
export interface SearchRequest {
  readonly mode: SearchMode
  readonly text: string
  /** The query's vector, where the client brings it. */
  readonly vector?: readonly number[]
}

/** What the search pipeline is given for a request. */
export interface ModeParts {
  readonly text: string
  /** Absent where words alone are to count. */
  readonly dense?: DenseSource
}

/**
 * What a search by a mode looks for. By meaning alone it is a vector and no words; then an endpoint that cannot be asked is a
 * failure, as there is nothing to go on with.
 *
 * Rejects with `invalid_argument` for `vector` without a model and for `fts` with a vector, else as the model's endpoint does.
 */
export async function toModeParts(
  { mode, text, vector }: SearchRequest,
  source: { readonly embedders: EmbedderSource; readonly model: string | null },
): Promise<ModeParts> {
  if (mode === 'hybrid') return { text, dense: { ...source, ...present({ vector }) } }
  if (mode === 'fts') {
    if (vector === undefined) return { text }
    throw new AppError(
      'invalid_argument',
      'Cannot search by words alone (`search_mode` fts) with a vector. Leave `embedding` out, or search by `hybrid` or `vector`.',
    )
  }
  const { embedders, model } = source
  if (model === null) throw noModelNamed('search by meaning (`search_mode` vector)')
  const made =
    vector ?? (text.trim() === '' ? undefined : await embedQuery({ embedders, model }, text))
  if (made !== undefined) return { text: '', dense: { ...source, vector: made } }
  throw new AppError(
    'invalid_argument',
    'Cannot search by meaning (`search_mode` vector): the query is empty. Say what to look for, or bring its `embedding`.',
  )
}

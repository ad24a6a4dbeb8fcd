import type { NewPassages } from '../contract/archive-store.ts'
import type { NewVector } from '../contract/vector-store.ts'

/** The vectors that new passages bring with them. */
export function vectorsOf({ passages }: NewPassages): readonly NewVector[] {
  return passages.flatMap(({ passage, vector }) =>
    vector === undefined ? [] : [{ kind: 'passage', id: passage.id, ...vector } as const],
  )
}

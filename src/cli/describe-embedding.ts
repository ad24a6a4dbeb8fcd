import type { EmbeddingProgress } from '../../sdk/src/index.ts'

/** How far the vectors of a model are and what keeps the others, in a sentence without its full stop. */
export function describeEmbedding(progress: EmbeddingProgress): string {
  const { model, texts, vectors, unserved, problem } = progress
  const state = `${vectors} of ${texts} texts have vectors of ${model}`
  if (problem !== null) return `${state}: ${problem}`
  return unserved === null ? state : `${state}, which clients may bring: ${unserved}`
}

import { AppError } from '../../errors/app-error.ts'

/** The most dimensions that every engine can keep. */
const mostDimensions = 16_000

/** A vector at length 1. Throws `invalid_argument` for one that has no direction or cannot be kept. */
export function toUnitVector(vector: readonly number[]): Float32Array {
  if (vector.length === 0 || vector.length > mostDimensions) {
    throw unusable(`it has ${vector.length} dimensions. Use 1 to ${mostDimensions}`)
  }
  let greatest = 0
  for (const value of vector) {
    if (!Number.isFinite(value))
      throw unusable('one of its numbers is not finite. Embed the text again')
    greatest = Math.max(greatest, Math.abs(value))
  }
  if (greatest === 0) throw unusable('all its numbers are 0. Embed a text that says something')
  let sum = 0
  for (const value of vector) sum += (value / greatest) ** 2
  const scale = Math.sqrt(sum)
  return Float32Array.from(vector, (value) => value / greatest / scale)
}

/** The cosine of two vectors of length 1; rounding never takes it out of -1 to 1. */
export function toSimilarity(product: number): number {
  return Math.max(-1, Math.min(1, product))
}

/** Throws `embedding_dimension_mismatch` unless a vector has as many dimensions as the others of its model. */
export function requireDimension(
  model: string,
  given: number,
  expected: number | null | undefined,
): void {
  if (expected === null || expected === undefined || given === expected) return
  throw new AppError(
    'embedding_dimension_mismatch',
    `Cannot use a vector of ${given} dimensions for the model ${model}: its vectors have ${expected}. Use the same model with the same settings, or name it differently.`,
    { data: { model, dimension: given, expected } },
  )
}

function unusable(state: string): AppError {
  return new AppError('invalid_argument', `Cannot use a vector: ${state}.`)
}

/** Numbers from 0 up to 1 that look random, the same ones for the same seed. */
export function newSeed(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

import { newSeed } from '../search/seed.ts'

/** A key with its value, which may be the key of another pair. */
export interface Pair {
  readonly key: string
  readonly value: string
}

/** Pairs in some order, with a key whose value is the key of another pair, and so on. */
export interface NestedPairs {
  readonly pairs: readonly Pair[]
  /** Where to begin. */
  readonly key: string
  /** What is found at the end, after `depth` further look-ups. */
  readonly answer: string
}

/** The same pairs for the same seed: `count` of them, of which `depth` + 1 lead to the answer. */
export function createNestedPairs(options: {
  readonly count: number
  readonly depth: number
  readonly seed: number
}): NestedPairs {
  const { count, depth, seed } = options
  const random = newSeed(seed)
  const uuid = (): string => {
    const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
    return [0, 8, 12, 16, 20]
      .map((start, index, starts) => digits.slice(start, starts[index + 1] ?? 32))
      .join('-')
  }
  const chain = Array.from({ length: depth + 2 }, uuid)
  const nested = chain.slice(0, -1).map((key, index) => ({ key, value: chain[index + 1] ?? '' }))
  const others = Array.from({ length: count - nested.length }, () => ({
    key: uuid(),
    value: uuid(),
  }))
  const pairs = [...nested, ...others]
  for (let index = pairs.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const [left, right] = [pairs[index], pairs[other]]
    if (left === undefined || right === undefined) continue
    pairs[index] = right
    pairs[other] = left
  }
  return { pairs, key: chain[0] ?? '', answer: chain.at(-1) ?? '' }
}

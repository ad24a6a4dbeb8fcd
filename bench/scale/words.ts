/** Words that occur as often as words do in real texts: the one of rank r about 1/r times as often as the first. */
const vocabularySize = 2000

const first =
  'drone spring roof battery flight charger letter garden kitchen window river music'.split(' ')

const consonants = 'bdfgklmnprtvz'
const vowels = 'aou'

/** Two words of texts of {@link createText}: the commonest there are, or two that are in few texts. */
export interface Searches {
  readonly common: readonly string[]
  readonly rare: readonly string[]
}

/** A source of texts of eight words each, the same for the same seed. */
export function createTexts(seed: number): () => string {
  const weights = Array.from({ length: vocabularySize }, (_, rank) => 1 / (rank + 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const pick = (): string => {
    let left = random() * total
    const rank = weights.findIndex((weight) => (left -= weight) <= 0)
    return wordOf(Math.max(rank, 0))
  }
  return () => Array.from({ length: 8 }, pick).join(' ')
}

/** What to search the texts for. */
export function findSearches(texts: readonly string[]): Searches {
  const counts = new Map<string, number>()
  for (const word of texts.flatMap((text) => [...new Set(text.split(' '))])) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const words = [...counts.keys()].toSorted(
    (left, right) => (counts.get(right) ?? 0) - (counts.get(left) ?? 0),
  )
  return { common: words.slice(0, 2), rare: words.slice(-2) }
}

function wordOf(rank: number): string {
  const known = first[rank]
  if (known !== undefined) return known
  const syllables = consonants.length * vowels.length
  return [rank % syllables, Math.floor(rank / syllables), (rank * 7) % syllables]
    .map((index) => `${consonants[index % consonants.length]}${vowels[index % vowels.length]}`)
    .join('')
}

/** The texts of one thread that hold a term. */
export interface TermHits {
  /** Which of the terms that are looked for, from 0. */
  readonly term: number
  /** What the places are counted in. */
  readonly thread: string
  /** Where each text stands; neighbours have numbers that follow each other. */
  readonly places: readonly number[]
  /** Of each text, greater for what is newer; names it. */
  readonly numbers: readonly number[]
  /** Whether the texts may be chosen; others count as context only. */
  readonly isEligible: boolean
}

/** A text that was chosen. */
export interface ChosenText {
  readonly thread: string
  readonly place: number
  readonly number: number
}

/** How texts are chosen. */
export interface ChoiceRule {
  /** What each term says about a text that holds it. */
  readonly weights: readonly number[]
  /** The most texts to choose. */
  readonly limit: number
}

/** Where a term counts for a text, by how far it stands from it, and what an occurrence counts there. */
const spots = [
  { offset: 0, count: 3 },
  { offset: -1, count: 1 },
  { offset: -2, count: 1 },
  { offset: 1, count: 0.5 },
  { offset: 2, count: 0.25 },
]

/** How fast counts stop adding to each other. */
const saturation = 1.2

/** How many terms are told apart; those after them, the commonest, count as one. */
const mostMarks = 31

/** What a term adds to a text, with a bit for each of the {@link spots} it stands in. */
const gains: readonly number[] = Array.from({ length: 2 ** spots.length }, (_, bits) => {
  const counts = spots.map(({ count }, index) => count * ((bits >> index) & 1))
  const count = counts.reduce((sum, each) => sum + each, 0)
  return count / (count + saturation)
})

/**
 * The texts that most probably are the best: those with the rarest terms, be it themselves or in what stands around them,
 * the newest first among equals. It knows which text holds which term and no more, so it takes a fraction of what ranking
 * takes; it is near enough to the ranking that few of the best are missing from what is ranked after it.
 */
export function chooseCandidates(
  hits: readonly TermHits[],
  { weights, limit }: ChoiceRule,
): readonly ChosenText[] {
  const scored: (ChosenText & { readonly score: number })[] = []
  for (const [thread, { marks, eligible }] of toThreads(hits)) {
    for (const [place, number] of eligible) {
      scored.push({ thread, place, number, score: scoreAt(marks, place, weights) })
    }
  }
  return scored
    .sort((left, right) => right.score - left.score || right.number - left.number)
    .slice(0, limit)
}

/** The places of a thread at which terms stand. */
interface MarkedThread {
  /** By place: a bit for each term. */
  readonly marks: Map<number, number>
  /** The numbers of the texts that may be chosen, by place. */
  readonly eligible: Map<number, number>
}

function toThreads(hits: readonly TermHits[]): ReadonlyMap<string, MarkedThread> {
  const threads = new Map<string, MarkedThread>()
  for (const { term, thread, places, numbers, isEligible } of hits) {
    const known = threads.get(thread) ?? { marks: new Map(), eligible: new Map() }
    threads.set(thread, known)
    const mark = 1 << Math.min(term, mostMarks - 1)
    for (const [index, place] of places.entries()) {
      known.marks.set(place, (known.marks.get(place) ?? 0) | mark)
      if (isEligible) known.eligible.set(place, numbers[index] ?? 0)
    }
  }
  return threads
}

function scoreAt(
  marks: ReadonlyMap<number, number>,
  place: number,
  weights: readonly number[],
): number {
  const terms = Math.min(weights.length, mostMarks)
  const found = new Int32Array(spots.length)
  for (const [spot, { offset }] of spots.entries()) found[spot] = marks.get(place + offset) ?? 0
  let score = 0
  for (let term = 0; term < terms; term += 1) {
    let bits = 0
    for (let spot = 0; spot < found.length; spot += 1) {
      bits |= (((found[spot] ?? 0) >> term) & 1) << spot
    }
    score += (weights[term] ?? 0) * (gains[bits] ?? 0)
  }
  return score
}

/** What a term says that is in some of the texts of a scope. */
export function toChoiceWeight(texts: number, documentCount: number): number {
  return Math.log(1 + documentCount / Math.max(1, texts))
}

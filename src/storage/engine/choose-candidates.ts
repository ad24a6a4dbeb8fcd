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
const offsets = [0, -1, -2, 1, 2]
const counts = [3, 1, 1, 0.5, 0.25]

/** How fast counts stop adding to each other. */
const saturation = 1.2

/** How many terms are told apart; those after them, the commonest, count as one. */
const mostMarks = 31

/** What a term adds to a text, with a bit for each of the {@link offsets} it stands at. */
const gains: readonly number[] = Array.from({ length: 2 ** offsets.length }, (_, bits) => {
  const count = counts.reduce((sum, each, spot) => sum + each * ((bits >> spot) & 1), 0)
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
  const texts: ChosenText[] = []
  const scores: number[] = []
  for (const [thread, { marks, eligible }] of toThreads(hits)) {
    for (const [place, number] of eligible) {
      texts.push({ thread, place, number })
      scores.push(scoreAt(marks, place, weights))
    }
  }
  // Only the best are put in order, with all that have as good a score as the last of them.
  const least = limit < scores.length ? (new Float64Array(scores).sort().at(-limit) ?? 0) : 0
  return scores
    .flatMap((score, index) => (score >= least ? [index] : []))
    .sort(
      (left, right) =>
        (scores[right] ?? 0) - (scores[left] ?? 0) ||
        (texts[right]?.number ?? 0) - (texts[left]?.number ?? 0),
    )
    .slice(0, limit)
    .flatMap((index) => texts[index] ?? [])
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
    // Counted by hand, as all that is done for each of some thousand texts.
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] ?? 0
      const before = known.marks.get(place)
      known.marks.set(place, (before ?? 0) | mark)
      // All lists that a text is in agree on whether it may be chosen.
      if (before === undefined && isEligible) known.eligible.set(place, numbers[index] ?? 0)
    }
  }
  return threads
}

function scoreAt(
  marks: ReadonlyMap<number, number>,
  place: number,
  weights: readonly number[],
): number {
  const own = marks.get(place) ?? 0
  const before = marks.get(place - 1) ?? 0
  const twoBefore = marks.get(place - 2) ?? 0
  const after = marks.get(place + 1) ?? 0
  const twoAfter = marks.get(place + 2) ?? 0
  const terms = Math.min(weights.length, mostMarks)
  let score = 0
  for (let term = 0; term < terms; term += 1) {
    const bits =
      ((own >> term) & 1) |
      (((before >> term) & 1) << 1) |
      (((twoBefore >> term) & 1) << 2) |
      (((after >> term) & 1) << 3) |
      (((twoAfter >> term) & 1) << 4)
    score += (weights[term] ?? 0) * (gains[bits] ?? 0)
  }
  return score
}

/** What a term says that is in some of the texts of a scope. */
export function toChoiceWeight(texts: number, documentCount: number): number {
  return Math.log(1 + documentCount / Math.max(1, texts))
}

import { nthGreatest } from '../../util/nth-greatest.ts'
import { MarkedPlaces, mostMarks, type ChosenText, type TermHits } from './marked-places.ts'

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
  const marked = new MarkedPlaces(hits)
  const scores = scorePlaces(marked, weights)
  return pickBest(marked, scores, limit)
    .sort(
      (left, right) =>
        (scores[right] ?? 0) - (scores[left] ?? 0) ||
        marked.numberAt(right) - marked.numberAt(left),
    )
    .map((place) => marked.textAt(place))
}

/** What each place promises; -1 for those that may not be chosen. */
function scorePlaces(marked: MarkedPlaces, weights: readonly number[]): number[] {
  const scores: number[] = []
  const told = weights.slice(0, mostMarks)
  const worth = told.flatMap((weight) => gains.map((gain) => weight * gain))
  for (let place = 0; place < marked.count; place += 1) {
    scores.push(marked.numberAt(place) < 0 ? -1 : scoreAt(marked, place, worth))
  }
  return scores
}

/** The best places, in no order; of equals the newest. */
function pickBest(marked: MarkedPlaces, scores: readonly number[], limit: number): number[] {
  const [best, equal]: [number[], number[]] = [[], []]
  // Those that may not be chosen come first, so with the last of few enough all that may are better.
  const least = limit < scores.length ? nthGreatest(scores.slice(), limit) : -1
  for (let place = 0; place < scores.length; place += 1) {
    const score = scores[place] ?? -1
    if (score > least) best.push(place)
    else if (score === least && least >= 0) equal.push(place)
  }
  const missing = limit - best.length
  if (equal.length <= missing) return [...best, ...equal]
  const numbers = equal.map((place) => marked.numberAt(place))
  const oldest = nthGreatest(numbers, missing)
  for (const place of equal) if (marked.numberAt(place) >= oldest) best.push(place)
  return best
}

/** What the terms at a place and around it are worth; `worth` has a value for each term and each of {@link gains}. */
function scoreAt(marked: MarkedPlaces, place: number, worth: readonly number[]): number {
  const own = marked.marksAt(place)
  const before = marked.marksBeside(place, -1)
  const twoBefore = marked.marksBeside(place, -2)
  const after = marked.marksBeside(place, 1)
  const twoAfter = marked.marksBeside(place, 2)
  let score = 0
  for (let term = 0; term * gains.length < worth.length; term += 1) {
    const bits =
      ((own >> term) & 1) |
      (((before >> term) & 1) << 1) |
      (((twoBefore >> term) & 1) << 2) |
      (((after >> term) & 1) << 3) |
      (((twoAfter >> term) & 1) << 4)
    score += worth[term * gains.length + bits] ?? 0
  }
  return score
}

/** What a term says that is in some of the texts of a scope. */
export function toChoiceWeight(texts: number, documentCount: number): number {
  return Math.log(1 + documentCount / Math.max(1, texts))
}

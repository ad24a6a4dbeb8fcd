import type { DenseReport, ScoreParts } from '../../domain/search.ts'
import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { chooseBest } from './choose-best.ts'
import type { TextView } from './count-term.ts'
import type { DenseLane } from './dense-lane.ts'
import type { ChosenFrom } from './estimate-holders.ts'
import { fuseDense, type FusedDense, type WordRanking } from './fuse-dense.ts'
import { isInRanges, type QueryPlan } from './query-plan.ts'
import { scoreTexts, type TextScores } from './score-texts.ts'
import { searchConstants } from './search-constants.ts'
import type { SpeakerGroup, TextTable } from './text-table.ts'
import { toAnsweredPrior } from './text-weights.ts'

/** What is ranked. */
export interface RankInput extends TextView {
  /** Whether a text passes the filters of the query; others count as context only. */
  passes(text: number): boolean
  /** What is known of the whole scope, where the table is a choice of it; null where it is the scope. */
  readonly chosenFrom: ChosenFrom | null
  /** What is near to the query in meaning; null where no vectors are compared. */
  readonly dense?: DenseLane | null
}

/** A text in its place of the ranking. */
export interface RankedText {
  readonly id: string
  /** The best text of one query has about 1; comparable within one answer only. */
  readonly score: number
  /** The part of the query's weight that the text's own words cover, 0 to 1; comparable between answers. */
  readonly coverage: number
  readonly parts: ScoreParts
}

/** An order of texts. */
export interface Ranking {
  /** How many texts are in it. */
  readonly count: number
  /** How many texts were looked at. */
  readonly considered: number
  /** The greatest coverage. */
  readonly bestCoverage: number
  readonly statistics: SearchStatistics
  readonly dense: DenseReport | null
  /** The first `count` texts: best first, of equal ones the newer, then by id. */
  best(count: number): readonly RankedText[]
}

/**
 * Scores texts by the formula of docs/decisions/retrieval.md. Pure: the same texts give the same answer on every
 * engine, in whatever order they are in the table.
 *
 * Only texts that pass and hold a term themselves, or stand in the context of one, are ranked.
 */
export function rank(plan: QueryPlan, input: RankInput): Ranking {
  const { table, hidden } = input
  const scored = scoreTexts(input, plan.terms, input.chosenFrom)
  const found = scored.texts.filter((text) => input.passes(text) && isFound(table, scored, text))
  const bases = new Float64Array(found.length)
  let [best, bestCoverage] = [0, 0]
  for (let index = 0; index < found.length; index += 1) {
    const text = found[index] ?? 0
    const base = (scored.scores[text] ?? 0) * priorOf(input, text, plan)
    bases[index] = base
    best = Math.max(best, base)
    bestCoverage = Math.max(bestCoverage, scored.coverageOf(text))
  }
  const named = namedSpeaker(plan, input)
  const speakerOf = (text: number): number =>
    named !== null && table.speakers[text] === named ? searchConstants.namedFactor : 1
  const whenOf = (text: number): number =>
    plan.asksWhen && table.temporals[text] === true ? searchConstants.whenFactor : 1
  const rangeOf = (text: number): number =>
    isInRanges(table.createdAt[text] ?? 0, plan.ranges) ? searchConstants.rangeFactor : 1
  const sessionOf = (text: number): number =>
    searchConstants.sessionWeight * (scored.sessions[table.sessions[text] ?? -1] ?? 0)
  const byWords = new Float64Array(found.length)
  for (let index = 0; index < found.length; index += 1) {
    const text = found[index] ?? 0
    const base = (bases[index] ?? 0) / best
    byWords[index] = base * speakerOf(text) * whenOf(text) * rangeOf(text) + sessionOf(text)
  }
  const dense = toFused(input, { texts: found, scores: byWords, bestCoverage })
  const texts = dense.others.length === 0 ? found : [...found, ...dense.others]
  const scores = dense.weight === 0 ? byWords : withNearness(texts, byWords, dense)
  const partsOf = (text: number, index: number): ScoreParts => ({
    text: index < found.length ? (bases[index] ?? 0) / best : 0,
    speaker: speakerOf(text),
    when: whenOf(text),
    range: rangeOf(text),
    session: index < found.length ? sessionOf(text) : 0,
    dense: dense.weight * dense.nearnessOf(text),
  })
  return {
    count: texts.length,
    considered: table.size - hidden.size,
    bestCoverage,
    statistics: scored.statistics,
    dense: toReport(input.dense ?? null, dense),
    best: (count) =>
      chooseBest(scores, count, (left, right) =>
        compareNewest(table, texts[left] ?? 0, texts[right] ?? 0),
      ).map((index) => {
        const text = texts[index] ?? 0
        return {
          id: table.ids[text] ?? '',
          score: scores[index] ?? 0,
          coverage: scored.coverageOf(text),
          parts: partsOf(text, index),
        }
      }),
  }
}

function withNearness(
  texts: readonly number[],
  byWords: Float64Array,
  { weight, nearnessOf }: FusedDense,
): Float64Array {
  return Float64Array.from(
    texts,
    (text, index) => (byWords[index] ?? 0) + weight * nearnessOf(text),
  )
}

const withoutDense: FusedDense = { weight: 0, others: [], nearnessOf: () => 0 }

/** Texts that are near and have no word count only where nearness counts. */
function toFused(
  input: RankInput,
  words: Pick<WordRanking, 'texts' | 'scores' | 'bestCoverage'>,
): FusedDense {
  const { dense = null } = input
  if (dense === null || dense.nearness.size === 0) return withoutDense
  const fused = fuseDense(dense, { ...input, ...words })
  return fused.weight === 0 ? withoutDense : fused
}

function toReport(lane: DenseLane | null, { weight }: FusedDense): DenseReport | null {
  return lane === null ? null : { ...lane.report, weight }
}

/**
 * Whether a text is an answer at all. Between named people the reply to a sentence with the words is one; elsewhere the
 * text must have a word itself, or a date of at least two, as a year alone says nothing.
 */
function isFound(table: TextTable, scored: TextScores, text: number): boolean {
  return (
    (scored.ownTerms[text] ?? 0) > 0 ||
    table.speakers[text]?.isNamed === true ||
    (scored.dateTerms[text] ?? 0) > 1
  )
}

/** What is known of a text before its words are looked at. */
function priorOf({ table, hidden }: TextView, text: number, { asksAgent }: QueryPlan): number {
  const reply = table.replyAfter(text)
  const isAnswered = reply !== -1 && !hidden.has(reply)
  const answered = isAnswered ? toAnsweredPrior(table.wordCounts[text] ?? 0) : 1
  const prior = (table.priors[text] ?? 1) * answered
  return table.agentTexts[text] === true && !asksAgent ? prior * searchConstants.agentFactor : prior
}

/** The speaker that a query names, if it names exactly one of those who said something. */
function namedSpeaker(plan: QueryPlan, { table, hidden }: TextView): SpeakerGroup | null {
  const terms = new Set(plan.terms)
  const named = table.groups.filter(
    ({ isNamed, tokens, texts }) =>
      isNamed &&
      tokens.some((token) => terms.has(token)) &&
      texts.some((text) => !hidden.has(text)),
  )
  return named.length === 1 ? (named[0] ?? null) : null
}

/** Orders texts newest first, then by id. */
function compareNewest(table: TextTable, left: number, right: number): number {
  const at = (table.createdAt[right] ?? 0) - (table.createdAt[left] ?? 0)
  if (at !== 0) return at
  const sequence = (table.sequences[right] ?? 0) - (table.sequences[left] ?? 0)
  if (sequence !== 0) return sequence
  const [leftId = '', rightId = ''] = [table.ids[left], table.ids[right]]
  if (leftId === rightId) return 0
  return leftId < rightId ? -1 : 1
}

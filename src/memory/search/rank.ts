import type { DenseReport, ScoreParts } from '../../domain/search.ts'
import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { chooseBest } from './choose-best.ts'
import type { TextView } from './count-term.ts'
import type { DenseLane } from './dense-lane.ts'
import { fuseDense, type FusedDense } from './fuse-dense.ts'
import { isInRanges, type QueryPlan } from './query-plan.ts'
import { scoreTexts, type TextScores } from './score-texts.ts'
import { searchConstants } from './search-constants.ts'
import type { SpeakerGroup, TextTable } from './text-table.ts'

/** What is ranked. */
export interface RankInput extends TextView {
  /** Whether a text passes the filters of the query; others count as context only. */
  passes(text: number): boolean
  /** Statistics of the whole scope, where the table is a choice of it; null where it is the scope. */
  readonly statistics: SearchStatistics | null
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
  const scored = scoreTexts(input, plan.terms, input.statistics)
  const found = scored.texts.filter((text) => input.passes(text) && isFound(table, scored, text))
  const bases = new Float64Array(found.length)
  let [best, bestCoverage] = [0, 0]
  for (const [index, text] of found.entries()) {
    const base = (scored.scores[text] ?? 0) * priorOf(table, text, plan)
    bases[index] = base
    best = Math.max(best, base)
    bestCoverage = Math.max(bestCoverage, scored.coverage[text] ?? 0)
  }
  const named = namedSpeaker(plan, input)
  const wordParts = (text: number, index: number): Omit<ScoreParts, 'dense'> => {
    const session = scored.sessions[table.sessions[text] ?? -1] ?? 0
    return {
      text: index < found.length ? (bases[index] ?? 0) / best : 0,
      speaker: named !== null && table.speakers[text] === named ? searchConstants.namedFactor : 1,
      when: plan.asksWhen && table.temporals[text] === true ? searchConstants.whenFactor : 1,
      range: isInRanges(table.createdAt[text] ?? 0, plan.ranges) ? searchConstants.rangeFactor : 1,
      session: index < found.length ? searchConstants.sessionWeight * session : 0,
    }
  }
  const byWords = Float64Array.from(found, (text, index) => toScore(wordParts(text, index)))
  const dense = toFused(input, found, byWords)
  const texts = [...found, ...dense.others]
  const scores = new Float64Array(texts.length)
  for (const [index, text] of texts.entries()) {
    scores[index] = (byWords[index] ?? 0) + dense.weight * dense.nearnessOf(text)
  }
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
          coverage: scored.coverage[text] ?? 0,
          parts: { ...wordParts(text, index), dense: dense.weight * dense.nearnessOf(text) },
        }
      }),
  }
}

const withoutDense: FusedDense = { weight: 0, others: [], nearnessOf: () => 0 }

/** Texts that are near and have no word count only where nearness counts. */
function toFused(input: RankInput, texts: readonly number[], scores: Float64Array): FusedDense {
  const { dense = null } = input
  if (dense === null || dense.nearness.size === 0) return withoutDense
  const fused = fuseDense(dense, { ...input, texts, scores })
  return fused.weight === 0 ? withoutDense : fused
}

function toReport(lane: DenseLane | null, { weight }: FusedDense): DenseReport | null {
  return lane === null ? null : { ...lane.report, weight }
}

function toScore({ text, speaker, when, range, session }: Omit<ScoreParts, 'dense'>): number {
  return text * speaker * when * range + session
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

/** What the length of a text counts for it, by its number of words. */
const lengthPriors: readonly number[] = Array.from(
  { length: searchConstants.priorWords + 1 },
  (_, words) => Math.log(1 + Math.max(1, words)) ** searchConstants.lengthPower,
)

/** What is known of a text before the query is looked at. */
function priorOf(table: TextTable, text: number, plan: QueryPlan): number {
  const { priorWords, questionFactor, questionWords, agentFactor } = searchConstants
  const wordCount = table.wordCounts[text] ?? 0
  const length = lengthPriors[Math.min(wordCount, priorWords)] ?? 1
  const isQuestion = table.questions[text] === true && wordCount <= questionWords
  const isAgent = table.roles[text] === 'assistant' && table.speakers[text]?.isNamed !== true
  return length * (isQuestion ? questionFactor : 1) * (isAgent && !plan.asksAgent ? agentFactor : 1)
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

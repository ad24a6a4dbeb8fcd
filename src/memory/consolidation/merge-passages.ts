import type { Passage } from '../../domain/archive.ts'
import { clipToCharacters } from '../clip-text.ts'
import { comparableGroup, isPiece } from '../comparable-passages.ts'
import { type Cleanup, emptyCleanup } from './cleanup.ts'
import { PassageOrder } from './passage-order.ts'
import { saysAll, sentencesOf } from './sentences.ts'

/** Two texts that share fewer words than this say nothing of each other. */
const fewestWords = 2

/** A passage taken apart. */
interface Candidate {
  readonly passage: Passage
  readonly sentences: readonly string[]
  /** What it can be compared with: texts about the same day, trusted alike. */
  readonly group: string
}

/**
 * Merges passages that another one says, too: the same words whatever their capitals and points, or sentences that stand
 * whole in a longer text. Only about the same day, as what happens every day is no repetition, and only what counts
 * alike. Pieces of documents stay with their document, what has metadata that the other has not stays, and so does what was
 * said again after something that may have taken it back.
 */
export function mergePassages(passages: readonly Passage[]): readonly Cleanup[] {
  const candidates = passages.flatMap((passage) => toCandidate(passage))
  const order = new PassageOrder(passages)
  const kept = new Map<string, Candidate[]>()
  const merged = new Map<Candidate, Candidate[]>()
  const sorted = candidates.toSorted(byWeight)
  for (const candidate of sorted) {
    const [first = ''] = candidate.sentences
    const rivals = kept.get(`${candidate.group}\n${first}`) ?? []
    const keeper = rivals.find(
      (rival) => canReplace(rival, candidate) && !order.mayBeReversed(rival, candidate),
    )
    if (keeper === undefined) {
      for (const sentence of new Set(candidate.sentences)) {
        const key = `${candidate.group}\n${sentence}`
        kept.set(key, [...(kept.get(key) ?? []), candidate])
      }
    } else merged.set(keeper, [...(merged.get(keeper) ?? []), candidate])
  }
  return [...merged].map(([keeper, gone]) => toCleanup(keeper, gone))
}

function toCandidate(passage: Passage): readonly Candidate[] {
  if (isPiece(passage)) return []
  const sentences = sentencesOf(passage.text)
  if (sentences.join(' ').split(' ').length < fewestWords) return []
  return [{ passage, sentences, group: comparableGroup(passage) }]
}

/** Longer texts first, so that what stays is never what goes; of equal ones those with metadata, then the oldest. */
function byWeight(one: Candidate, other: Candidate): number {
  const lengthOf = ({ sentences }: Candidate): number => sentences.join('\n').length
  const fieldsOf = ({ passage }: Candidate): number => Object.keys(passage.metadata).length
  return lengthOf(other) - lengthOf(one) || fieldsOf(other) - fieldsOf(one)
}

function canReplace(keeper: Candidate, candidate: Candidate): boolean {
  const { metadata } = candidate.passage
  const isBare =
    Object.keys(metadata).length === 0 ||
    JSON.stringify(metadata) === JSON.stringify(keeper.passage.metadata)
  return isBare && saysAll(keeper.sentences, candidate.sentences)
}

function toCleanup({ passage: keeper }: Candidate, gone: readonly Candidate[]): Cleanup {
  const tags = [
    ...new Set([keeper, ...gone.map(({ passage }) => passage)].flatMap((each) => each.tags)),
  ]
  const ids = gone.map(({ passage }) => passage.id).toSorted()
  return {
    ...emptyCleanup,
    key: `passages ${keeper.id} ${ids.join(' ')}`,
    reason: 'merge passages',
    notes: gone.map(
      ({ passage }) =>
        `merged: ${clipToCharacters(passage.text, 60)} is in ${clipToCharacters(keeper.text, 60)}`,
    ),
    removedPassages: gone.map(({ passage: { id: passageId, text } }) => ({
      passageId,
      text,
      keptBy: keeper.id,
    })),
    taggedPassages:
      tags.length === keeper.tags.length ? [] : [{ passageId: keeper.id, text: keeper.text, tags }],
  }
}

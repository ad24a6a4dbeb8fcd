import type { Passage } from '../../domain/archive.ts'
import { factText, type StatedFact } from '../../domain/fact.ts'
import type { Cleanup } from '../consolidation/cleanup.ts'
import { sameWords } from '../analysis/same-words.ts'
import { mayRepeat, saysAll, sentencesOf } from '../consolidation/sentences.ts'

/** What goes with a cleanup. */
export type Removals = Pick<
  Cleanup,
  'removedLines' | 'removedPassages' | 'taggedPassages' | 'mergedFacts'
>

/** Memory as it is when a cleanup is about to be made. */
export interface MemoryAsItIs {
  /** The blocks that the cleanup edits, as they are and as they would be. */
  readonly blocks: readonly {
    readonly id: string
    readonly before: string
    readonly after: string
  }[]
  readonly passages: readonly Passage[]
  readonly facts: readonly StatedFact[]
}

/**
 * What an edit would remove without anything that says it still: such an edit is refused as a whole. Null = all that goes is
 * kept by what stays.
 */
export function findUnreplaced(cleanup: Removals, memory: MemoryAsItIs): string | null {
  return (
    lostText(cleanup) ??
    lostPassage(cleanup, memory) ??
    lostFact(cleanup, memory) ??
    lostLine(cleanup, memory)
  )
}

/** A text that is written anew still says all that it said. */
function lostText({ taggedPassages }: Removals): string | null {
  const lost = taggedPassages.find(
    ({ text, becomes = text }) => !saysAll(sentencesOf(becomes), sentencesOf(text)),
  )
  return lost?.text ?? null
}

function lostPassage(
  { removedPassages, taggedPassages }: Removals,
  { passages }: MemoryAsItIs,
): string | null {
  const gone = new Set(removedPassages.map(({ passageId }) => passageId))
  const anew = new Map(taggedPassages.map(({ passageId, becomes }) => [passageId, becomes]))
  const lost = removedPassages.find(({ text, keptBy, saidBy }) => {
    const keeper = passages.find(({ id }) => id === keptBy)
    if (keeper === undefined || gone.has(keptBy)) return true
    const kept = anew.get(keptBy) ?? keeper.text
    if (saidBy !== undefined) return saidBy !== kept || !mayRepeat(kept, text)
    return !saysAll(sentencesOf(kept), sentencesOf(text))
  })
  return lost?.text ?? null
}

function lostFact({ mergedFacts }: Removals, { facts }: MemoryAsItIs): string | null {
  const find = (id: string): StatedFact | undefined => facts.find((fact) => fact.id === id)
  const gone = new Set(mergedFacts.map(({ factId }) => factId))
  for (const { factId, keptBy } of mergedFacts) {
    const [fact, keeper] = [find(factId), find(keptBy)]
    if (fact === undefined) continue
    const isKept = keeper?.slot === fact.slot && keeper.valueKey === fact.valueKey
    if (!isKept || gone.has(keptBy)) return factText(fact)
  }
  return null
}

/** A line that goes must stand in the block still, as it is or in other words, or be over by a fact that is known still. */
function lostLine({ removedLines }: Removals, { blocks, facts }: MemoryAsItIs): string | null {
  for (const { before, after } of blocks) {
    const left = wordsOfLines(after)
    const lost = [...wordsOfLines(before)].find(
      ([words]) =>
        !left.has(words) &&
        !removedLines.some(
          ({ text, keptBy, saidBy }) =>
            sameWords(text) === words &&
            (saidBy === undefined
              ? facts.some(({ id }) => id === keptBy)
              : left.has(sameWords(saidBy)) && mayRepeat(saidBy, text)),
        ),
    )
    if (lost !== undefined) return lost[1]
  }
  return null
}

/** The lines of a text by their words. */
function wordsOfLines(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return new Map(lines.map((line) => [sameWords(line), line]))
}

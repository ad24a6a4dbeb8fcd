import type { Passage } from '../../domain/archive.ts'
import { factText, type StatedFact } from '../../domain/fact.ts'
import type { Cleanup } from '../consolidation/cleanup.ts'
import { sameWords } from '../analysis/same-words.ts'
import { saysAll, sentencesOf } from '../consolidation/sentences.ts'

/** What goes with a cleanup. */
export type Removals = Pick<Cleanup, 'removedLines' | 'removedPassages' | 'mergedFacts'>

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
  return lostPassage(cleanup, memory) ?? lostFact(cleanup, memory) ?? lostLine(cleanup, memory)
}

function lostPassage({ removedPassages }: Removals, { passages }: MemoryAsItIs): string | null {
  const gone = new Set(removedPassages.map(({ passageId }) => passageId))
  const lost = removedPassages.find(({ text, keptBy }) => {
    const keeper = passages.find(({ id }) => id === keptBy)
    if (keeper === undefined || gone.has(keptBy)) return true
    return !saysAll(sentencesOf(keeper.text), sentencesOf(text))
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

/** A line that goes must stand in the block still, or be over by a fact that is known still. */
function lostLine({ removedLines }: Removals, { blocks, facts }: MemoryAsItIs): string | null {
  for (const { before, after } of blocks) {
    const left = wordsOfLines(after)
    const lost = [...wordsOfLines(before)].find(
      ([words]) =>
        !left.has(words) &&
        !removedLines.some(
          ({ text, keptBy }) => sameWords(text) === words && facts.some(({ id }) => id === keptBy),
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

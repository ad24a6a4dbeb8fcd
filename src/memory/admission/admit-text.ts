import type { Origin } from '../../domain/archive.ts'
import { AppError } from '../../errors/app-error.ts'
import { quotes, sameWords } from '../analysis/same-words.ts'
import { createSaidBy } from '../facts/said-by.ts'
import { junkReason } from './junk-reason.ts'

/** What an agent had before its eyes when it wrote a text. */
export interface TextSources {
  /** What memory was quoted in: recalled extracts, and returns of tools that quote it. */
  readonly recalled: readonly string[]
  /** What came from outside: returns of tools that are not memory's own. */
  readonly returned: readonly string[]
  /** What the user said in this turn. */
  readonly said: string
}

/** Fewer words than this stand in a quotation by chance. */
const fewestQuoted = 5

/**
 * Whether an agent may keep a text, and where it comes from. Junk is refused, and so is what memory itself has just
 * quoted: a text that is fed by its own recall would only repeat what is stored.
 *
 * @throws AppError `invalid_argument`: the reason, and what to do.
 */
export function admitText(text: string, sources: TextSources): Origin {
  const junk = junkReason(text)
  if (junk !== null) throw refused(junk, 'Give a text that says something on its own.')
  if (isRecalled(text, sources)) {
    throw refused(
      'It was quoted to you from memory, where it stays and is found again.',
      'Store only what is new.',
    )
  }
  return originOf(text, sources)
}

/** Where the words of a text come from: a tool, when most of them are a return's and not the user's; else the agent. */
export function originOf(text: string, sources: Pick<TextSources, 'returned' | 'said'>): Origin {
  return createOrigins(sources)(text)
}

/** {@link originOf} for many texts, of which each source is read once. */
export function createOrigins({
  returned,
  said,
}: Pick<TextSources, 'returned' | 'said'>): (text: string) => Origin {
  const isSaid = createSaidBy(said)
  const isReturned = returned.map(createSaidBy)
  return (text) => {
    if (isSaid(text)) return 'agent'
    return isReturned.some((isTold) => isTold(text)) ? 'tool' : 'agent'
  }
}

/** Where a label or the name of an attribute comes from: one of few words stands in any text by chance. */
export function originOfName(
  name: string,
  sources: Pick<TextSources, 'returned' | 'said'>,
): Origin {
  return sameWords(name).split(' ').length < fewestQuoted ? 'agent' : originOf(name, sources)
}

function isRecalled(text: string, { recalled, said }: TextSources): boolean {
  if (sameWords(text).split(' ').length < fewestQuoted || quotes(said, text)) return false
  return recalled.some((quotation) => quotes(quotation, text))
}

function refused(why: string, advice: string): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot store the text in memory: ${lower(why)} ${advice}`,
  )
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

import { analyse } from './analyse.ts'
import { sameWords } from './same-words.ts'

/** A text as {@link mayReverse} compares it. */
export interface Telling {
  /** As {@link sameWords} has it. */
  readonly words: string
  /** The words of it that tell something. */
  readonly tokens: ReadonlySet<string>
}

/** A text, to be compared. */
export function tellingOf(text: string): Telling {
  return { words: sameWords(text), tokens: new Set(analyse(text)) }
}

/**
 * Whether a text that was said in between may take back what another one says, so that this says something new when it is
 * said again below: it is another text with at least half of its telling words. "I no longer like tea" has those of "I like
 * tea", and "Anna lives in Hamburg" most of "Anna lives in Berlin". Which of them do only a reader can tell.
 */
export function mayReverse(between: Telling, text: Telling): boolean {
  if (between.words === text.words) return false
  return between.tokens.intersection(text.tokens).size * 2 >= text.tokens.size
}

import { analyse } from '../analysis/analyse.ts'

/** What part of an instruction's words has to be the user's own. */
const leastShare = 0.6

/**
 * Whether an instruction is what a user said: most of its words are among theirs. What a tool returned or a page told can
 * so become no instruction by itself, however a model words it.
 */
export function isSaidBy(instruction: string, userText: string): boolean {
  return createSaidBy(userText)(instruction)
}

/** {@link isSaidBy} for many texts, of which what was said is read once. */
export function createSaidBy(userText: string): (text: string) => boolean {
  let said: ReadonlySet<string> | null = null
  return (text) => {
    const wanted = new Set(analyse(text))
    if (wanted.size === 0) return false
    said ??= new Set(analyse(userText))
    return wanted.intersection(said).size / wanted.size >= leastShare
  }
}

/** Whether a text speaks of anything that an instruction speaks of. */
export function touches(instruction: string, text: string): boolean {
  return !new Set(analyse(instruction)).isDisjointFrom(new Set(analyse(text)))
}

/** The words of a text in order, small, without punctuation: what two texts share that say the same letter by letter. */
export function plainWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? []
}

/** Whether the words of a text stand in another one, in the same order and with nothing between them. */
export function quotes(whole: string, part: readonly string[]): boolean {
  return ` ${plainWords(whole).join(' ')} `.includes(` ${part.join(' ')} `)
}

/** The words of a text in order, small, without punctuation: what two texts share that say the same letter by letter. */
export function plainWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? []
}

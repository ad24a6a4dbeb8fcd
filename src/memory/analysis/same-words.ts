/** The mark a line of a list begins with. */
const listMark = /^\s*(?:[-*•+]\s+|\d+[.)]\s+)/
/** What may stand around a word without another meaning; a question mark, a sign or an emoji has one. */
const around = /^["“”„«»]+|["“”„«»]*[.,;:!。！]*["“”„«»]*$/gu

/**
 * A text as it is compared before something is removed because it stands elsewhere: capitals, blanks, the mark of a list, and
 * points and commas after words do not count. Everything else does: `C++` is not `C#`, `-5` is not `5`.
 */
export function sameWords(text: string): string {
  return text
    .toLowerCase()
    .replace(listMark, '')
    .split(/\s+/u)
    .map((word) => word.replaceAll(around, ''))
    .filter((word) => word !== '')
    .join(' ')
}

/**
 * Whether the words of a text stand in another one, in the same order and with nothing between them, each as
 * {@link sameWords} has it. The marks of lists inside of the other text do not count.
 */
export function quotes(whole: string, part: string): boolean {
  const words = whole.split('\n').map(sameWords).join(' ')
  return ` ${words} `.includes(` ${sameWords(part)} `)
}

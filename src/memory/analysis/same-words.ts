/** The mark a line of a list begins with. A number may be a day or a step, and a sign before a number is its sign. */
const listMark = /^\s*[-*•+]\s+(?!\d)/
/** What may stand around a word without another meaning; a question mark, a sign or an emoji has one. */
const around = /^["“”„«»]+|["“”„«»]*[.,;:!。！]*["“”„«»]*$/gu

/**
 * A text as it is compared before something is removed because it stands elsewhere: capitals, blanks, the mark of a list, and
 * points and commas after words do not count. Everything else does: `C++` is not `C#`, `-5` is not `5`, and of a word with a
 * digit in it, which may be a code, the capitals do.
 */
export function sameWords(text: string): string {
  return text
    .replace(listMark, '')
    .split(/\s+/u)
    .map((word) => (/\p{N}/u.test(word) ? word : word.toLowerCase()).replaceAll(around, ''))
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

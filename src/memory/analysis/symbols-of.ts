/** Where there is none of these, there is no sign to look for. */
const plainPattern = /^[\p{ASCII}\p{L}\p{M}]*$/u

/** What says how a sign is drawn, and to which person: variation selectors, skin tones, and the sex after a joiner. */
const looks = /[\ufe0e\ufe0f\p{EMod}]|\u200d[♀♂]/gu

/** A flag, or an emoji or other sign beyond ASCII; not what lines, boxes and pictures of dots are drawn with. */
const symbolPattern =
  /\p{RI}{2}|[[\p{So}\p{Sc}\p{Sm}\p{Extended_Pictographic}§¶]--\p{ASCII}--\p{RI}--\p{L}--\p{N}--[\u2500-\u259f\u2800-\u28ff\ufffc\ufffd]]/gv

/**
 * The emoji and other signs of a text (`🦄`, `§`, `€`) that it can be found by, in order, each once: a wall of them makes no long
 * text. A sign is one token, however it is drawn; a family or another emoji of several is found by each of them. ASCII has no such
 * signs: `+` and `#` are parts of a name at best.
 */
export function symbolsOf(text: string): readonly string[] {
  if (plainPattern.test(text)) return []
  return [...new Set(text.normalize('NFC').replaceAll(looks, '').match(symbolPattern))]
}

/** A text without its emoji and other signs: what is left says something by its words alone. */
export function withoutSymbols(text: string): string {
  return plainPattern.test(text) ? text : text.replaceAll(looks, '').replaceAll(symbolPattern, ' ')
}

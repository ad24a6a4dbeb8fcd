import { contractionEndings, negatedVerbs } from './stop-words.ts'

/** A piece of text as the analyser sees it. */
export interface Word {
  /** Lower case, without accents on Latin letters. */
  readonly text: string
  /** Whether it was cut out of text that is written without spaces between words. */
  readonly unspaced: boolean
}

const wordPattern = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’ʼ][\p{L}\p{M}]+)*/gu
/** What a digit or letter is drawn with, as in `1️⃣`. */
const drawing = /[\ufe0e\ufe0f\u20e3]/gu
const unspacedPattern =
  /[[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&[\p{L}\p{M}\p{N}]]+/v
const plainPattern = /^[\p{ASCII}’]*$/u

/**
 * The words of a text in order: runs of letters and digits of any script, in lower case and compatibility form.
 *
 * Contractions lose their ending (`Anna's` → `anna`), negations go whole (`didn't`). Runs of scripts that are written
 * without spaces (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) come as one word marked `unspaced`.
 */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = []
  for (const match of normalize(text).matchAll(wordPattern)) {
    for (const part of splitContraction(match[0])) words.push(...splitScripts(part))
  }
  return words
}

function normalize(text: string): string {
  if (plainPattern.test(text)) return text.toLowerCase()
  const lower = text.replaceAll(drawing, '').normalize('NFKC').toLowerCase()
  return lower
    .normalize('NFD')
    .replaceAll(/(?<=[\p{scx=Latn}\p{scx=Grek}]\p{M}*)\p{Mn}/gu, '')
    .normalize('NFC')
    .replaceAll(/[ßæœøłđðþı]/gu, (letter) => plainLetters[letter] ?? letter)
}

const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

function splitContraction(run: string): readonly string[] {
  const parts = run.split(/['’ʼ]/u)
  if (parts.length === 1) return parts
  const ending = parts.at(-1) ?? ''
  if (!contractionEndings.has(ending)) return parts
  const kept = parts.slice(0, -1)
  return ending === 't' && negatedVerbs.has(kept.at(-1) ?? '') ? kept.slice(0, -1) : kept
}

function splitScripts(run: string): readonly Word[] {
  if (/^[a-z0-9]*$/.test(run)) return [{ text: run, unspaced: false }]
  const words: Word[] = []
  let rest = run
  while (rest !== '') {
    const match = unspacedPattern.exec(rest)
    const before = match === null ? rest : rest.slice(0, match.index)
    if (before !== '') words.push({ text: before, unspaced: false })
    if (match === null) break
    words.push({ text: match[0], unspaced: true })
    rest = rest.slice(match.index + match[0].length)
  }
  return words
}

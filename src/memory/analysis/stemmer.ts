/**
 * The English stemmer known as Porter2, written from its published description (snowballstem.org, "The English
 * (Porter2) stemming algorithm", as of its third edition).
 *
 * Takes a lower-case word of the letters a to z and returns its stem; `connected`, `connecting` and `connection` all
 * become `connect`. Words of one or two letters come back unchanged.
 */
export function stemEnglish(word: string): string {
  if (word.length < 3) return word
  const special = specialWords.get(word)
  if (special !== undefined) return special
  const marked = markConsonantY(word)
  const regions = findRegions(marked)
  const plural = removePlural(marked)
  if (invariantAfterPlural.has(plural)) return plural.toLowerCase()
  let stem = removePastAndGerund(plural, regions)
  stem = softenFinalY(stem)
  stem = replaceSuffix(stem, regions.first, longSuffixes)
  stem = replaceSuffix(stem, regions.first, middleSuffixes(regions.second))
  stem = removeDerivation(stem, regions.second)
  return trimFinalLetter(stem, regions).toLowerCase()
}

/** Where the two regions begin in which suffixes may be removed. */
interface Regions {
  readonly first: number
  readonly second: number
}

const vowels = 'aeiouy'

const specialWords: ReadonlyMap<string, string> = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ['sky', 'sky'],
  ['news', 'news'],
  ['howe', 'howe'],
  ['atlas', 'atlas'],
  ['cosmos', 'cosmos'],
  ['bias', 'bias'],
  ['andes', 'andes'],
])

const invariantAfterPlural: ReadonlySet<string> = new Set([
  'inning',
  'outing',
  'canning',
  'herring',
  'earring',
  'evening',
])

/** Beginnings after which the first region starts at once, so that families such as universe and university stay apart. */
const wholePrefixes = /^(?:gener|commun|arsen|past|univers|later|emerg|organ|inter)/

const doubledEnding = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/

/** Suffixes of the second step, longest first, with what replaces them. */
const longSuffixes: readonly SuffixRule[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['fulli', 'ful'],
  ['ogist', 'og'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og', (before) => before.endsWith('l')],
  ['li', '', (before) => /[cdeghkmnrt]$/.test(before)],
]

const derivationSuffixes: readonly string[] = [
  'ement',
  'ance',
  'ence',
  'able',
  'ible',
  'ment',
  'ant',
  'ent',
  'ism',
  'ate',
  'iti',
  'ous',
  'ive',
  'ize',
  'ion',
  'al',
  'er',
  'ic',
]

/** A suffix, its replacement, and what must hold for the part before it. */
type SuffixRule = readonly [
  suffix: string,
  replacement: string,
  condition?: (before: string) => boolean,
]

function middleSuffixes(second: number): readonly SuffixRule[] {
  return [
    ['ational', 'ate'],
    ['tional', 'tion'],
    ['alize', 'al'],
    ['icate', 'ic'],
    ['iciti', 'ic'],
    ['ative', '', (before) => before.length >= second],
    ['ical', 'ic'],
    ['ness', ''],
    ['ful', ''],
  ]
}

/** Writes `y` as `Y` where it is a consonant: at the beginning and after a vowel. */
function markConsonantY(word: string): string {
  if (!word.includes('y')) return word
  let marked = ''
  for (const letter of word) {
    const consonant = letter === 'y' && (marked === '' || isVowel(marked.at(-1)))
    marked += consonant ? 'Y' : letter
  }
  return marked
}

function isVowel(letter: string | undefined): boolean {
  return letter !== undefined && vowels.includes(letter)
}

function hasVowel(text: string): boolean {
  return /[aeiouy]/.test(text)
}

function findRegions(word: string): Regions {
  const first = wholePrefixes.exec(word)?.[0].length ?? regionAfter(word, 0)
  return { first, second: regionAfter(word, first) }
}

/** The place after the first consonant that follows a vowel at or after `from`. */
function regionAfter(word: string, from: number): number {
  for (let index = from + 1; index < word.length; index += 1) {
    if (isVowel(word[index - 1]) && !isVowel(word[index])) return index + 1
  }
  return word.length
}

/** Whether the word ends in a short syllable, as in `rap`, `trap` and `ow`. */
function endsInShortSyllable(word: string): boolean {
  if (word === 'past') return true
  return /(?:^|[^aeiouy])[aeiouy][^aeiouywxY]$/.test(word) || /^[aeiouy][^aeiouy]$/.test(word)
}

function isShortWord(word: string, regions: Regions): boolean {
  return regions.first >= word.length && endsInShortSyllable(word)
}

function removePlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (word.endsWith('ied') || word.endsWith('ies')) return word.slice(0, word.length > 4 ? -2 : -1)
  if (word.endsWith('us') || word.endsWith('ss') || !word.endsWith('s')) return word
  return hasVowel(word.slice(0, -2)) ? word.slice(0, -1) : word
}

function removePastAndGerund(word: string, regions: Regions): string {
  const match = /(?:eedly|eed|ingly|edly|ing|ed)$/.exec(word)
  if (match === null) return word
  const before = word.slice(0, match.index)
  if (match[0].startsWith('eed')) {
    if (/^(?:proc|exc|succ)$/.test(before)) return `${before}eed`
    return match.index >= regions.first ? `${before}ee` : word
  }
  if (match[0] === 'ing' && /^[^aeiouy]y$/.test(before)) return `${before.slice(0, 1)}ie`
  if (!hasVowel(before)) return word
  if (/(?:at|bl|iz)$/.test(before)) return `${before}e`
  if (doubledEnding.test(before)) return /^[aeo]..$/.test(before) ? before : before.slice(0, -1)
  return isShortWord(before, regions) ? `${before}e` : before
}

function softenFinalY(word: string): string {
  return /.[^aeiouy][yY]$/.test(word) ? `${word.slice(0, -1)}i` : word
}

/** Applies the first rule whose suffix fits; when the suffix lies outside the region nothing else is tried. */
function replaceSuffix(word: string, region: number, rules: readonly SuffixRule[]): string {
  for (const [suffix, replacement, condition] of rules) {
    if (!word.endsWith(suffix)) continue
    const before = word.slice(0, -suffix.length)
    if (before.length < region || condition?.(before) === false) return word
    return before + replacement
  }
  return word
}

function removeDerivation(word: string, second: number): string {
  const suffix = derivationSuffixes.find((candidate) => word.endsWith(candidate))
  if (suffix === undefined) return word
  const before = word.slice(0, -suffix.length)
  if (before.length < second) return word
  if (suffix === 'ion' && !/[st]$/.test(before)) return word
  return before
}

function trimFinalLetter(word: string, regions: Regions): string {
  const before = word.slice(0, -1)
  if (word.endsWith('e')) {
    const removable =
      before.length >= regions.second ||
      (before.length >= regions.first && !endsInShortSyllable(before))
    return removable ? before : word
  }
  return word.endsWith('ll') && before.length >= regions.second ? before : word
}

import { toIndexToken } from '../../storage/engine/search-tokens.ts'

/** A posting is the number of a text and a count below this in one number; greater counts are spread over several. */
const postingBits = 8
const postingCount = 2 ** postingBits

/**
 * After how many terms were looked for it is time to list all: taking every text apart costs as much as looking through
 * them for some dozens of terms, and most commands and many servers look for fewer before they let a memory go.
 */
const termsBeforeListing = 40

/** Roughly what is taken by the head of a text, a posting, and a list with its token, in bytes. */
const headBytes = 24
const postingBytes = 10
const listBytes = 130

/** From so many characters on, what is cut out of a text refers to it in V8; less is copied. */
const leastReferring = 13

const nothing: readonly number[] = []

/**
 * Which texts hold a term, and how often. Texts are numbered from 0; their tokens come as one text, each as the index
 * has it (see `toIndexToken`), with a space between.
 */
export class TokenLists {
  /** By index token: every one once all are listed, before that those that were looked for. */
  #lists = new Map<string, number[]>()
  /** The token texts in one, until all are listed, and those that came since and are not in it. */
  #joined: JoinedTexts | null = noTexts()
  #pending: string[] = []
  #asked = 0
  /** How long the token texts are together, and how many postings are in the lists, at most. */
  #characters = 0
  #postings = 0

  /** Roughly what all this takes in memory. */
  get bytes(): number {
    const lists = this.#postings * postingBytes + this.#lists.size * listBytes
    if (this.#joined === null) return lists
    const heads = this.#pending.length * headBytes + this.#joined.ends.byteLength
    return this.#characters + heads + lists
  }

  /** Adds the next text. */
  add(tokenText: string, number: number): void {
    if (this.#joined === null) {
      this.#postings += list(this.#lists, tokenText, number)
      return
    }
    this.#pending.push(tokenText)
    this.#characters += tokenText.length + 1
    if (this.#lists.size > 0) this.#lists = new Map()
    this.#postings = 0
  }

  /** The texts that hold a term, each with its count; see {@link textOf} and {@link countOf}. */
  postings(term: string): readonly number[] {
    if (term === '') return nothing
    const token = toIndexToken(term)
    const known = this.#lists.get(token)
    if (known !== undefined || this.#joined === null) return known ?? nothing
    const joined = join(this.#joined, this.#pending)
    this.#pending = []
    this.#joined = joined
    this.#asked += 1
    if (this.#asked > termsBeforeListing) {
      this.#listAll(joined)
      return this.#lists.get(token) ?? nothing
    }
    const found = lookThrough(joined, token)
    this.#lists.set(token, found)
    this.#postings += found.length
    return found
  }

  #listAll({ text, ends }: JoinedTexts): void {
    this.#lists = new Map()
    this.#postings = 0
    let start = 1
    for (const [number, end] of ends.entries()) {
      this.#postings += list(this.#lists, text.slice(start, end - 1), number)
      start = end
    }
    this.#joined = null
  }
}

/** Texts in one, with a space before and after each token. */
interface JoinedTexts {
  readonly text: string
  /** Where each text ends. */
  readonly ends: Int32Array
}

function noTexts(): JoinedTexts {
  return { text: ' ', ends: new Int32Array(0) }
}

function join({ text, ends }: JoinedTexts, texts: readonly string[]): JoinedTexts {
  if (texts.length === 0) return { text, ends }
  const allEnds = new Int32Array(ends.length + texts.length)
  allEnds.set(ends)
  let end = text.length
  for (const [number, { length }] of texts.entries()) {
    end += length + 1
    allEnds[ends.length + number] = end
  }
  return { text: [text.slice(0, -1), ...texts, ''].join(' '), ends: allEnds }
}

function lookThrough({ text, ends }: JoinedTexts, token: string): number[] {
  const postings: number[] = []
  const needle = ` ${token} `
  let number = 0
  // The space after a token is the one before the next.
  for (
    let at = text.indexOf(needle);
    at !== -1;
    at = text.indexOf(needle, at + needle.length - 1)
  ) {
    while ((ends[number] ?? 0) <= at + 1) number += 1
    post(postings, number)
  }
  return postings
}

/** Lists the tokens of a text; returns how many it has. */
function list(lists: Map<string, number[]>, tokenText: string, number: number): number {
  if (tokenText === '') return 0
  const tokens = tokenText.split(' ')
  for (const token of tokens) {
    const postings = lists.get(token)
    if (postings === undefined) lists.set(alone(token), [(number << postingBits) + 1])
    else post(postings, number)
  }
  return tokens.length
}

/** A token that does not keep the text in memory that it was cut out of, as an engine's longer cuts do. */
function alone(token: string): string {
  return token.length < leastReferring ? token : Array.from(token).join('')
}

function post(postings: number[], number: number): void {
  const first = number << postingBits
  const last = postings.length === 0 ? -1 : (postings[postings.length - 1] ?? -1)
  if (last > first && last < first + postingCount - 1) postings[postings.length - 1] = last + 1
  else postings.push(first + 1)
}

/** The text of a posting. */
export function textOf(posting: number): number {
  return posting >>> postingBits
}

/** The count of a posting. */
export function countOf(posting: number): number {
  return posting & (postingCount - 1)
}

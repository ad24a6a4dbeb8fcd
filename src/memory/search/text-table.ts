import type { StoredText } from '../../storage/contract/search-store.ts'
import { analyse } from '../analysis/analyse.ts'
import { searchConstants } from './search-constants.ts'
import { TokenLists } from './token-lists.ts'

/** Texts said by one person, or by nobody who has a name. */
export interface SpeakerGroup {
  /** The tokens a text is weighed with: of the name, else of the role; none for a passage without a name. */
  readonly tokens: readonly string[]
  readonly isNamed: boolean
  /** The texts, by their numbers. */
  readonly texts: number[]
}

/** How many neighbours a text has: two before, two after. */
export const nearCount = searchConstants.contextBefore.length + searchConstants.contextAfter.length

/** Roughly what a text and each of its tokens take, in bytes. */
const textBytes = 420
const tokenBytes = 10

/** What all tokens count. */
export interface WeighedLengths {
  readonly byText: Float64Array
  readonly total: number
}

/**
 * Texts with their terms listed, so that a query looks at those that hold one of its words and no others. A text is a
 * number here, counted from 0 in the order they were added.
 *
 * What is computed of a table does not depend on that order: sums are taken over whole numbers, or in the order of the
 * query's terms.
 */
export class TextTable {
  /** By text. */
  readonly ids: string[] = []
  readonly createdAt: number[] = []
  readonly sequences: number[] = []
  readonly roles: (string | null)[] = []
  readonly threads: string[] = []
  readonly lengths: number[] = []
  readonly dateLengths: number[] = []
  readonly wordCounts: number[] = []
  readonly questions: boolean[] = []
  readonly temporals: boolean[] = []
  readonly speakers: SpeakerGroup[] = []
  /** How much context counts for a text, 0 to 1, and how much of it a text gives and takes by its shortness. */
  readonly contextShares: number[] = []
  readonly shortness: number[] = []
  /** Which part of a thread a text belongs to as a number; -1 = to none. */
  readonly sessions: number[] = []
  /** By text, {@link nearCount} each: the neighbours in its session, nearest before first; -1 = none. */
  readonly near: number[] = []
  /** Each group of texts by one speaker. */
  readonly groups: SpeakerGroup[] = []

  readonly #own = new TokenLists()
  readonly #dates = new TokenLists()
  readonly #groupsByName = new Map<string, SpeakerGroup>()
  readonly #sessionNumbers = new Map<string, number>()
  readonly #places = new Map<string, Map<number, number>>()
  readonly #numbers = new Map<string, number>()
  readonly #parts: (number | null)[] = []
  #tokens = 0
  #lengths: WeighedLengths | null = null

  /** How many texts there are. */
  get size(): number {
    return this.ids.length
  }

  /** How many sessions there are. */
  get sessionCount(): number {
    return this.#sessionNumbers.size
  }

  /** Roughly what the table takes in memory. */
  get bytes(): number {
    return this.size * textBytes + this.#tokens * tokenBytes
  }

  /** The number of a text, or undefined. */
  numberOf(id: string): number | undefined {
    return this.#numbers.get(id)
  }

  /** The texts that hold a term among their own words, each with its count, see `textOf` and `countOf`. */
  ownPostings(term: string): readonly number[] {
    return this.#own.postings(term)
  }

  /** The same among the words of their dates. */
  datePostings(term: string): readonly number[] {
    return this.#dates.postings(term)
  }

  /** What all tokens of each text count, and of all texts together. */
  get weighedLengths(): WeighedLengths {
    if (this.#lengths !== null) return this.#lengths
    const byText = new Float64Array(this.size)
    let total = 0
    for (let text = 0; text < this.size; text += 1) {
      const length = this.weighLength(text, null)
      byText[text] = length
      total += length
    }
    this.#lengths = { byText, total }
    return this.#lengths
  }

  /**
   * What all tokens of a text count, its context without hidden texts included, in whole 1024ths: sums of them are the
   * same in any order.
   */
  weighLength(text: number, hidden: ReadonlySet<number> | null): number {
    const { weights } = searchConstants
    const own =
      weights.own * (this.lengths[text] ?? 0) +
      weights.speaker * (this.speakers[text]?.tokens.length ?? 0) +
      weights.dates * (this.dateLengths[text] ?? 0)
    return Math.round((own + this.sumContext(text, this.lengths, hidden)) * 1024) / 1024
  }

  /** What the neighbours of a text hold of something that is counted by text, each with its weight. */
  sumContext(text: number, counts: ArrayLike<number>, hidden: ReadonlySet<number> | null): number {
    const share = (this.contextShares[text] ?? 0) * (this.shortness[text] ?? 0)
    if (share === 0) return 0
    let sum = 0
    for (let index = 0; index < nearCount; index += 1) {
      const other = this.near[text * nearCount + index] ?? -1
      if (other === -1) continue
      const count = counts[other] ?? 0
      if (count === 0 || hidden?.has(other) === true) continue
      sum += (nearWeights[index] ?? 0) * share * (this.shortness[other] ?? 0) * count
    }
    return sum
  }

  /** Adds a text that stands for itself, such as a fact: what was stated before and after it says nothing about it. */
  addAlone(text: StoredText): void {
    this.add({ ...text, place: null, session: null })
  }

  /** Adds a text. */
  add(text: StoredText): void {
    const number = this.size
    this.#lengths = null
    this.ids.push(text.id)
    this.#numbers.set(text.id, number)
    this.createdAt.push(text.createdAt)
    this.sequences.push(text.sequence)
    this.roles.push(text.role)
    this.threads.push(text.thread)
    this.lengths.push(text.length)
    this.dateLengths.push(text.dateLength)
    this.wordCounts.push(text.wordCount)
    this.questions.push(text.isQuestion)
    this.temporals.push(text.isTemporal)
    const group = this.#groupOf(text)
    group.texts.push(number)
    this.speakers.push(group)
    this.contextShares.push(toContextShare(text))
    this.shortness.push(toShortness(text.wordCount))
    this.sessions.push(this.#sessionOf(text))
    this.#parts.push(text.session)
    this.#own.add(text.tokens, number)
    this.#dates.add(text.dates, number)
    this.#tokens += text.length + text.dateLength
    this.#place(text, number)
  }

  #groupOf({ speaker, role }: StoredText): SpeakerGroup {
    const isNamed = speaker.length > 0
    const key = isNamed ? `name ${speaker.join(' ')}` : `role ${role ?? ''}`
    const known = this.#groupsByName.get(key)
    if (known !== undefined) return known
    const tokens = isNamed || role === null ? speaker : analyse(role)
    const group = { tokens: [...tokens], isNamed, texts: [] }
    this.#groupsByName.set(key, group)
    this.groups.push(group)
    return group
  }

  #sessionOf({ session, role, speaker, thread }: StoredText): number {
    if (session === null || (role === null && speaker.length === 0)) return -1
    const key = `${session} ${thread}`
    const number = this.#sessionNumbers.get(key) ?? this.#sessionNumbers.size
    this.#sessionNumbers.set(key, number)
    return number
  }

  /** Ties a text to its neighbours of the same session. */
  #place({ thread, place, session }: StoredText, number: number): void {
    for (let index = 0; index < nearCount; index += 1) this.near.push(-1)
    if (place === null) return
    const places = this.#places.get(thread) ?? new Map<number, number>()
    this.#places.set(thread, places.set(place, number))
    for (const [index, offset] of nearOffsets.entries()) {
      const other = places.get(place + offset)
      if (other === undefined || this.#parts[other] !== session) continue
      this.near[number * nearCount + index] = other
      this.near[other * nearCount + nearOffsets.indexOf(-offset)] = number
    }
  }
}

/** How far the neighbours of a text stand, in the order of {@link TextTable.near}. */
const nearOffsets: readonly number[] = [
  ...searchConstants.contextBefore.map((_, index) => -1 - index),
  ...searchConstants.contextAfter.map((_, index) => 1 + index),
]

/** What an occurrence in each neighbour counts, before shortness. */
const nearWeights: readonly number[] = [
  ...searchConstants.contextBefore,
  ...searchConstants.contextAfter,
]

/** Passages stand alone unless they are lines of a conversation, which begin with a name. */
function toContextShare({ speaker, role }: StoredText): number {
  if (speaker.length > 0) return 1
  return role === null ? 0 : searchConstants.unnamedContext
}

function toShortness(wordCount: number): number {
  return Math.min(1, searchConstants.contextWords / Math.max(1, wordCount))
}

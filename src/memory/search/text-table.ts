import type { StoredText } from '../../storage/contract/search-store.ts'
import { fromTokenText } from '../../storage/engine/search-rows.ts'
import { analyse } from '../analysis/analyse.ts'
import { searchConstants } from './search-constants.ts'
import { toContextShare, toPrior, toShortness } from './text-weights.ts'
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

/** What all tokens of each session count. */
export interface SessionLengths {
  readonly lengths: Float64Array
  /** How many texts each has. */
  readonly sizes: Int32Array
  readonly total: number
}

/** Roughly what a text takes beside its tokens, in bytes. */
const textBytes = 770

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
  readonly temporals: boolean[] = []
  /** Whether it ends as a question. */
  readonly questions: boolean[] = []
  /** Whether it comes right after the question of another person, both with names. */
  readonly replies: boolean[] = []
  readonly speakers: SpeakerGroup[] = []
  /** How much context counts for a text, 0 to 1, and how much of it a text gives and takes by its shortness. */
  readonly contextShares: number[] = []
  readonly shortness: number[] = []
  /** What a text counts for by its length and form alone, and whether it is the agent's own words. */
  readonly priors: number[] = []
  readonly agentTexts: boolean[] = []
  /** Which part of a thread a text belongs to as a number; -1 = to none. */
  readonly sessions: number[] = []
  /** By text, {@link nearCount} each: the neighbours in its session, nearest before first; -1 = none. */
  readonly near: number[] = []
  /** Each group of texts by one speaker. */
  readonly groups: SpeakerGroup[] = []

  readonly #own = new TokenLists()
  readonly #dates = new TokenLists()
  readonly #groupsByName = new Map<string, SpeakerGroup>()
  readonly #threads = new Map<string, Thread>()
  readonly #parts: (number | null)[] = []
  #numbers: Map<string, number> | null = null
  #sessionCount = 0
  #ownTokens = 0
  #lengths: WeighedLengths | null = null
  #sessionLengths: SessionLengths | null = null

  /** How many texts there are. */
  get size(): number {
    return this.ids.length
  }

  /** How many sessions there are. */
  get sessionCount(): number {
    return this.#sessionCount
  }

  /** How many tokens the texts have of their own. */
  get tokenCount(): number {
    return this.#ownTokens
  }

  /** Roughly what the table takes in memory. */
  get bytes(): number {
    return this.size * textBytes + this.#own.bytes + this.#dates.bytes
  }

  /** The number of a text, or undefined. */
  numberOf(id: string): number | undefined {
    this.#numbers ??= new Map(this.ids.map((each, number) => [each, number]))
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

  /** What all tokens of each session count for it. */
  get sessionLengths(): SessionLengths {
    if (this.#sessionLengths !== null) return this.#sessionLengths
    const lengths = new Float64Array(this.sessionCount)
    const sizes = new Int32Array(this.sessionCount)
    for (let text = 0; text < this.size; text += 1) {
      const session = this.sessions[text] ?? -1
      if (session === -1) continue
      lengths[session] = (lengths[session] ?? 0) + this.sessionLengthOf(text)
      sizes[session] = (sizes[session] ?? 0) + 1
    }
    const total = lengths.reduce((sum, length) => sum + length, 0)
    this.#sessionLengths = { lengths, sizes, total }
    return this.#sessionLengths
  }

  /** What all tokens of a text count for its session. */
  sessionLengthOf(text: number): number {
    return (
      (this.lengths[text] ?? 0) +
      (this.speakers[text]?.tokens.length ?? 0) +
      searchConstants.sessionDates * (this.dateLengths[text] ?? 0)
    )
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
      const isAsked = index === 0 && this.replies[text] === true
      const weight = isAsked ? searchConstants.questionContext : (nearWeights[index] ?? 0)
      sum += weight * share * (this.shortness[other] ?? 0) * count
    }
    return sum
  }

  /** The text that replies to a question; -1 = none. */
  replyAfter(text: number): number {
    if (this.questions[text] !== true) return -1
    const after = this.near[text * nearCount + searchConstants.contextBefore.length] ?? -1
    return this.replies[after] === true ? after : -1
  }

  /** Adds a text that stands for itself, such as a fact: what was stated before and after it says nothing about it. */
  addAlone(text: StoredText): void {
    this.add({ ...text, place: null, session: null })
  }

  /** Adds a text. */
  add(text: StoredText): void {
    const number = this.size
    const group = this.#groupOf(text)
    const thread = this.#threadOf(text.thread)
    this.#lengths = null
    this.#sessionLengths = null
    this.#numbers?.set(text.id, number)
    this.ids.push(text.id)
    this.createdAt.push(text.createdAt)
    this.sequences.push(text.sequence)
    this.roles.push(text.role)
    this.threads.push(thread.name)
    this.lengths.push(text.length)
    this.dateLengths.push(text.dateLength)
    this.wordCounts.push(text.wordCount)
    this.temporals.push(text.isTemporal)
    this.questions.push(text.isQuestion)
    this.replies.push(false)
    this.priors.push(toPrior(text))
    this.agentTexts.push(text.role === 'assistant' && !group.isNamed)
    group.texts.push(number)
    this.speakers.push(group)
    this.contextShares.push(toContextShare(text))
    this.shortness.push(toShortness(text.wordCount))
    this.sessions.push(this.#sessionOf(thread, text))
    this.#parts.push(text.session)
    this.#own.add(text.tokens, number)
    this.#dates.add(text.dates, number)
    this.#ownTokens += text.length
    this.#place(thread, text, number)
  }

  #groupOf({ speaker, role }: StoredText): SpeakerGroup {
    const isNamed = speaker !== ''
    const key = isNamed ? `name ${speaker}` : `role ${role ?? ''}`
    const known = this.#groupsByName.get(key)
    if (known !== undefined) return known
    const tokens = isNamed || role === null ? fromTokenText(speaker) : analyse(role)
    const group = { tokens, isNamed, texts: [] }
    this.#groupsByName.set(key, group)
    this.groups.push(group)
    return group
  }

  #threadOf(name: string): Thread {
    const known = this.#threads.get(name)
    if (known !== undefined) return known
    const thread = { name, places: new Map<number, number>(), sessions: new Map<number, number>() }
    this.#threads.set(name, thread)
    return thread
  }

  #sessionOf({ sessions }: Thread, { session, role, speaker }: StoredText): number {
    if (session === null || (role === null && speaker === '')) return -1
    const known = sessions.get(session)
    if (known !== undefined) return known
    const number = this.#sessionCount
    this.#sessionCount += 1
    sessions.set(session, number)
    return number
  }

  /** Ties a text to its neighbours of the same session. */
  #place({ places }: Thread, { place, session }: StoredText, number: number): void {
    for (let index = 0; index < nearCount; index += 1) this.near.push(-1)
    if (place === null) return
    places.set(place, number)
    for (let index = 0; index < nearCount; index += 1) {
      const other = places.get(place + (nearOffsets[index] ?? 0))
      if (other === undefined || this.#parts[other] !== session) continue
      this.near[number * nearCount + index] = other
      this.near[other * nearCount + (mirrored[index] ?? 0)] = number
    }
    this.#tieReply(this.near[number * nearCount] ?? -1, number)
    this.#tieReply(
      number,
      this.near[number * nearCount + searchConstants.contextBefore.length] ?? -1,
    )
  }

  #tieReply(before: number, after: number): void {
    const [asker, speaker] = [this.speakers[before], this.speakers[after]]
    if (asker?.isNamed !== true || speaker?.isNamed !== true || asker === speaker) return
    this.replies[after] = this.questions[before] === true
  }
}

/** The texts of a thread by their places, and the numbers of its sessions by the places they begin at. */
interface Thread {
  readonly name: string
  readonly places: Map<number, number>
  readonly sessions: Map<number, number>
}

/** How far the neighbours of a text stand, in the order of {@link TextTable.near}. */
const nearOffsets: readonly number[] = [
  ...searchConstants.contextBefore.map((_, index) => -1 - index),
  ...searchConstants.contextAfter.map((_, index) => 1 + index),
]

/** By neighbour: which one of it the text itself is. */
const mirrored: readonly number[] = nearOffsets.map((offset) => nearOffsets.indexOf(-offset))

/** What an occurrence in each neighbour counts, before shortness. */
const nearWeights: readonly number[] = [
  ...searchConstants.contextBefore,
  ...searchConstants.contextAfter,
]

import type { Passage } from '../../domain/archive.ts'
import { mayReverse, tellingOf, type Telling } from '../analysis/may-reverse.ts'

/** A passage with its sentences. */
interface SaidPassage {
  readonly passage: Passage
  readonly sentences: readonly string[]
}

/** What passages said in which order. */
export class PassageOrder {
  readonly #passages: readonly Passage[]
  readonly #tellings: readonly Telling[]
  readonly #placeOf: ReadonlyMap<string, number>
  /** The places of the passages that have a token, in order. */
  readonly #places = new Map<string, number[]>()

  /** Takes all passages, oldest first. */
  constructor(passages: readonly Passage[]) {
    this.#passages = passages
    this.#tellings = passages.map(({ text }) => tellingOf(text))
    this.#placeOf = new Map(passages.map(({ id }, place) => [id, place]))
    for (const [place, { tokens }] of this.#tellings.entries()) {
      for (const token of tokens) {
        const places = this.#places.get(token)
        if (places === undefined) this.#places.set(token, [place])
        else places.push(place)
      }
    }
  }

  /**
   * Whether what a passage says may have been taken back between it and the one that says it, too: by a passage of their
   * archive, or by what that one goes on to say where it is the older one.
   */
  mayBeReversed(keeper: SaidPassage, { passage, sentences }: SaidPassage): boolean {
    const [kept, said] = [this.#at(keeper.passage), this.#at(passage)]
    const telling = this.#tellings[said] ?? tellingOf(passage.text)
    const own = new Set(sentences)
    const goesOn =
      kept < said &&
      keeper.sentences.some((each) => !own.has(each) && mayReverse(tellingOf(each), telling))
    return goesOn || this.#isReversedWithin(telling, { kept, said })
  }

  #at({ id }: Passage): number {
    return this.#placeOf.get(id) ?? 0
  }

  #isReversedWithin(
    telling: Telling,
    { kept, said }: { readonly kept: number; readonly said: number },
  ): boolean {
    const [first, last] = [Math.min(kept, said), Math.max(kept, said)]
    const archiveId = this.#passages[said]?.archiveId
    return this.#rarest(telling).some((token) => {
      const places = this.#places.get(token) ?? []
      for (let index = indexAfter(places, first); index < places.length; index += 1) {
        const place = places[index] ?? last
        if (place >= last) return false
        const between = this.#tellings[place]
        if (between === undefined || this.#passages[place]?.archiveId !== archiveId) continue
        if (mayReverse(between, telling)) return true
      }
      return false
    })
  }

  /** What has half of the tokens of a text has at least one of these. */
  #rarest({ tokens }: Telling): readonly string[] {
    const countOf = (token: string): number => this.#places.get(token)?.length ?? 0
    const sorted = [...tokens].toSorted((one, other) => countOf(one) - countOf(other))
    return sorted.slice(0, Math.floor(tokens.size / 2) + 1)
  }
}

/** The index of the first place that is larger, in a list in order. */
function indexAfter(places: readonly number[], place: number): number {
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? Number.POSITIVE_INFINITY) <= place) low = middle + 1
    else high = middle
  }
  return low
}

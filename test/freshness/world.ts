/** A day in milliseconds. */
export const dayMs = 86_400_000

/** Something that is told about one subject and attribute, with what it means and how somebody may say it. */
export interface Telling {
  /** The day it is told on. */
  readonly day: number
  readonly subject: string
  readonly attribute: string
  readonly value: string
  /** The first day it is true; null = the day it is told. */
  readonly since: number | null
  /** The last day it is true; null = nothing is said of its end. */
  readonly until: number | null
  readonly isCorrection: boolean
  /** In words; null = not for this telling. */
  readonly text: string
  /** Whether the words are of the plain kind that rules may read. */
  readonly isPlain: boolean
}

/** A question with what was true, as far as it was known. */
export interface FreshQuestion {
  readonly kind: 'now' | 'as-of' | 'known-at'
  readonly subject: string
  readonly attribute: string
  /** After how many tellings it is asked. */
  readonly after: number
  /** The day whose end is asked about. */
  readonly day: number
  /** By what was known at noon of this day; null = by all that was told. */
  readonly knownOn: number | null
  /** Null = nothing was told of that time. */
  readonly answer: string | null
}

/** A made-up world: what is told, in order, and what can be asked. */
export interface FreshWorld {
  readonly tellings: readonly Telling[]
  readonly questions: readonly FreshQuestion[]
}

/** How large a world is. */
export interface WorldSize {
  /** How many subjects with attributes. */
  readonly slots: number
  readonly seed: number
}

/** The first day of telling, and the last. */
const firstDay = 1000
const lastDay = 1500

/** The moment that day 0 begins, in epoch milliseconds. */
export const worldStart = Date.UTC(2022, 0, 1)

/**
 * Makes a world. What is true is painted day by day, apart from any rule of the product: a statement counts for the days from its
 * first on, up to its end, except where another one that began later counts already.
 */
export function createWorld({ slots, seed }: WorldSize): FreshWorld {
  const random = randomNumbers(seed)
  const all = Array.from({ length: slots }, (_, index) => new Slot(index, random))
  const tellings = all
    .flatMap((slot) => slot.tellings)
    .toSorted((left, right) => left.day - right.day)
  const questions = all.flatMap((slot) => slot.questions(tellings))
  return { tellings, questions: questions.toSorted((left, right) => left.after - right.after) }
}

type Random = () => number

/** What counts on a day. */
interface Painted {
  readonly value: string
  readonly start: number
  readonly id: number
}

/** The truth of one subject and attribute, as it became known. */
class Slot {
  readonly tellings: Telling[] = []
  readonly #subject: string
  readonly #attribute: string
  readonly #random: Random
  readonly #days: (Painted | null)[] = Array<Painted | null>(lastDay + 400).fill(null)
  readonly #known: { readonly day: number; readonly days: readonly (Painted | null)[] }[] = []
  readonly #starts = new Set<number>()
  #values = 0

  constructor(index: number, random: Random) {
    this.#random = random
    this.#subject = nameOf(index)
    this.#attribute = attributes[index % attributes.length] ?? ''
    let day = firstDay + this.#pick(60)
    this.#tell('first', day)
    const count = 3 + this.#pick(6)
    for (let told = 1; told < count && day < lastDay - 70; told += 1) {
      day += 5 + this.#pick(60)
      const kinds = ['update', 'update', 'late', 'interval', 'older', 'correct', 'again', 'future']
      this.#tell(kinds[this.#pick(kinds.length)] ?? 'update', day)
    }
  }

  questions(tellings: readonly Telling[]): FreshQuestion[] {
    const about = { subject: this.#subject, attribute: this.#attribute }
    const own = this.tellings
    const fresh = own.map((telling): FreshQuestion => {
      const after = tellings.indexOf(telling) + 1
      const { day } = telling
      const answer = this.#knownOn(day)[day]?.value ?? null
      return { kind: 'now', ...about, after, day, knownOn: null, answer }
    })
    const past = Array.from({ length: 4 }, (): FreshQuestion => {
      const day = 600 + this.#pick(lastDay - 600)
      const answer = this.#days[day]?.value ?? null
      const after = tellings.length
      return { kind: 'as-of', ...about, after, day, knownOn: null, answer }
    })
    const both = Array.from({ length: 4 }, (): FreshQuestion => {
      const day = 600 + this.#pick(lastDay - 600)
      const knownOn = firstDay + this.#pick(lastDay - firstDay)
      const answer = this.#knownOn(knownOn)[day]?.value ?? null
      return { kind: 'known-at', ...about, after: tellings.length, day, knownOn, answer }
    })
    return [...fresh, ...past, ...both]
  }

  #tell(kind: string, day: number): void {
    const now = this.#days[day]
    const plan = this.#plan(kind, day)
    if (plan === null) return
    const isCorrection = kind === 'correct'
    const value = kind === 'again' ? (now?.value ?? '') : `${this.#newValue()}`
    if (isCorrection && now !== null && now !== undefined) this.#repaint(now.id, value)
    else if (kind !== 'again') this.#paint(value, { day, ...plan })
    this.#known.push({ day, days: [...this.#days] })
    const about = { subject: this.#subject, attribute: this.#attribute, value, day, ...plan }
    const { text, isPlain } = wording(kind, { ...about, before: now?.value ?? '' }, this.#random)
    this.tellings.push({ ...about, isCorrection, text, isPlain })
  }

  /** The days a statement is about; null = there is nothing to say of this kind. */
  #plan(kind: string, day: number): Pick<Telling, 'since' | 'until'> | null {
    const starts = [...this.#starts]
    const earliest = Math.min(...starts)
    switch (kind) {
      case 'first':
        return { since: this.#start(700 + this.#pick(day - 700)), until: null }
      case 'late': {
        const since = day - 1 - this.#pick(60)
        return this.#starts.has(since) ? null : { since: this.#start(since), until: null }
      }
      case 'interval': {
        const since = 650 + this.#pick(day - 700)
        if (this.#starts.has(since)) return null
        return { since: this.#start(since), until: since + 3 + this.#pick(40) }
      }
      case 'older': {
        const since = earliest - 1 - this.#pick(40)
        return { since: this.#start(since), until: null }
      }
      case 'future': {
        const since = day + 3 + this.#pick(40)
        return this.#starts.has(since) ? null : { since: this.#start(since), until: null }
      }
      case 'correct':
      case 'again':
        return (this.#days[day] ?? null) === null ? null : { since: null, until: null }
      default:
        return { since: null, until: null }
    }
  }

  #start(day: number): number {
    this.#starts.add(day)
    return day
  }

  #paint(value: string, plan: Pick<Telling, 'day' | 'since' | 'until'>): void {
    const start = plan.since ?? plan.day
    this.#starts.add(start)
    const painted = { value, start, id: this.#values }
    for (let day = start; day <= (plan.until ?? this.#days.length - 1); day += 1) {
      const present = this.#days[day]
      if (present === null || present === undefined || present.start <= start) {
        this.#days[day] = painted
      }
    }
  }

  #repaint(id: number, value: string): void {
    for (const [day, present] of this.#days.entries()) {
      if (present?.id === id) this.#days[day] = { ...present, value }
    }
  }

  #knownOn(day: number): readonly (Painted | null)[] {
    return this.#known.findLast((known) => known.day <= day)?.days ?? []
  }

  #newValue(): string {
    this.#values += 1
    const first = syllables[this.#pick(syllables.length)] ?? ''
    const second = syllables[this.#pick(syllables.length)] ?? ''
    return `${first}${second.toLowerCase()}${this.#values}`
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count)
  }
}

/** A day in words, as people write it. */
export function dayText(day: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    worldStart + day * dayMs,
  )
}

/** A day in ISO 8601. */
export function isoDay(day: number): string {
  return new Date(worldStart + day * dayMs).toISOString().slice(0, 10)
}

const attributes = [
  'base image',
  'city',
  'favourite tea',
  'build server',
  'phone model',
  'landlord',
  'dentist',
  'editor',
  'bank',
  'gym',
]

const syllables = [
  'Bar',
  'Mon',
  'Tel',
  'Ros',
  'Kin',
  'Vel',
  'Dor',
  'Pas',
  'Lum',
  'Gar',
  'Nev',
  'Sol',
]

function nameOf(index: number): string {
  const number = Math.floor(index / attributes.length)
  const first = syllables[number % syllables.length] ?? ''
  const second = ['ana', 'erik', 'ina', 'olf', 'ette', 'us'][
    Math.floor(number / syllables.length) % 6
  ]
  return `${first}${second ?? ''}${number >= 72 ? String(number) : ''}`
}

/** How somebody says it: mostly in plain statements, now and then as people do. */
function wording(
  kind: string,
  told: Pick<Telling, 'subject' | 'attribute' | 'value' | 'since' | 'until'> & {
    readonly before: string
  },
  random: Random,
): Pick<Telling, 'text' | 'isPlain'> {
  const { subject: s, attribute: a, value: v, before } = told
  const since = told.since === null ? '' : dayText(told.since)
  const until = told.until === null ? '' : dayText(told.until)
  const pick = (texts: readonly string[]): string =>
    texts[Math.floor(random() * texts.length)] ?? ''
  if (random() < 0.25)
    return { text: looseWording(kind, { ...told, since, until }), isPlain: false }
  const plain: Readonly<Record<string, readonly string[]>> = {
    first: [
      `${s}'s ${a} has been ${v} since ${since}.`,
      `Since ${since} the ${a} of ${s} is ${v}.`,
    ],
    update: [`${s}'s ${a} is now ${v}.`, `The ${a} of ${s} has changed to ${v}.`],
    late: [
      `I forgot to say: since ${since} ${s}'s ${a} is ${v}.`,
      `${s}'s ${a} changed to ${v} on ${since}.`,
    ],
    interval: [
      `From ${since} to ${until} ${s}'s ${a} was ${v}.`,
      `The ${a} of ${s} was ${v} from ${since} to ${until}.`,
    ],
    older: [`Before that, since ${since}, ${s}'s ${a} was ${v}.`],
    correct: [
      `Correction: ${s}'s ${a} is ${v}, not ${before}.`,
      `I was wrong: the ${a} of ${s} is ${v}.`,
    ],
    again: [`As I said, ${s}'s ${a} is ${v}.`],
    future: [`From ${since} on ${s}'s ${a} will be ${v}.`],
  }
  return { text: pick(plain[kind] ?? []), isPlain: true }
}

function looseWording(
  kind: string,
  told: {
    readonly subject: string
    readonly attribute: string
    readonly value: string
    readonly since: string
    readonly until: string
  },
): string {
  const { subject: s, attribute: a, value: v, since, until } = told
  const texts: Readonly<Record<string, string>> = {
    first: `${s} told me about the ${a}: ${v} since ${since}, no complaints.`,
    update: `${s} went with ${v} in the end, for the ${a} I mean.`,
    late: `Turns out ${s} had switched the ${a} already, ${v} from ${since} onwards.`,
    interval: `There was a time, ${since} until ${until}, when ${s} put up with ${v} as ${a}.`,
    older: `Long before, starting ${since}, it had been ${v} for ${s} as far as the ${a} goes.`,
    correct: `Scratch that about ${s}, I mixed it up, ${v} it is for the ${a}.`,
    again: `Still ${v} for ${s}, the ${a} that is.`,
    future: `${s} plans ${v} for the ${a}, starting ${since}.`,
  }
  return texts[kind] ?? ''
}

/** A repeatable sequence of numbers in [0, 1). */
function randomNumbers(seed: number): Random {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

import { type Origin, untrustedOrigins } from './archive.ts'
import type { Actor } from './block.ts'

/** A statement about the world, or an instruction that stands until it is taken back. */
export type FactKind = 'fact' | 'instruction'

/** What somebody stated: a subject, an attribute and a value, true from a time on. It never changes; it is revised. */
export interface FactStatement {
  readonly kind: FactKind
  readonly agentId: string
  /** As it was worded. */
  readonly subject: string
  readonly attribute: string
  /** As it was worded; the whole text of an instruction. */
  readonly value: string
  /** What all statements about the same subject and attribute share, however they are worded. */
  readonly slot: string
  /** What all wordings of the same value share. */
  readonly valueKey: string
  /** Whether it stands beside other values of its slot, such as a language somebody speaks, and ends none of them. */
  readonly isAdded: boolean
  /** Since when it is true in the world, in epoch milliseconds, inclusive. */
  readonly validFrom: number
  /** Until when it was said to be true, exclusive; null = nothing was said of its end. */
  readonly statedUntil: number | null
  readonly origin: Origin
  /** The messages it was taken from; empty when there are none. */
  readonly sourceMessageIds: readonly string[]
}

/** A statement with when it was known: from `recordedAt` until `closedAt`, when it was revised or taken back. */
export interface StatedFact extends FactStatement {
  /** `fact-<uuid4>`; the same for all versions. */
  readonly id: string
  /** Counts up with each revision; the number compare-and-swap compares. Starts at 1. */
  readonly version: number
  /** Who stated it in this version, and by what, such as `remember_fact`. */
  readonly actor: Actor
  readonly reason: string
  readonly recordedAt: number
  /** Exclusive; null = it is still known. */
  readonly closedAt: number | null
}

/** A statement with what follows from the others about its slot. */
export interface Fact extends StatedFact {
  /** When another value began to hold, or the end that was stated, whichever is earlier; null = it holds on. */
  readonly validUntil: number | null
  /** Whether another value is stated for the same time by somebody else, and nothing says which is true. */
  readonly isContested: boolean
}

/** Whether text of an origin counts as much as what the user says: not what tools or the web returned. */
export function isTrusted(origin: Origin): boolean {
  return !untrustedOrigins.includes(origin)
}

/** The subject of facts about the person the agent talks to. */
export const personSubject = 'user'

/** A fact on one line, such as `base images = Alpine`; the subject is named unless it is the person the agent talks to. */
export function factText(
  fact: Pick<FactStatement, 'kind' | 'subject' | 'attribute' | 'value'>,
): string {
  return fact.kind === 'instruction' ? fact.value : `${slotText(fact)} = ${fact.value}`
}

/** What a fact is about, such as `base images`. */
export function slotText(fact: Pick<FactStatement, 'kind' | 'subject' | 'attribute'>): string {
  const { kind, subject, attribute } = fact
  if (kind === 'instruction') return 'instruction'
  return subject === personSubject ? attribute : `${subject}: ${attribute}`
}

/** Whether a statement says something about a time, whatever else is stated. */
export function coversTime(
  { validFrom, statedUntil }: Pick<FactStatement, 'validFrom' | 'statedUntil'>,
  time: number,
): boolean {
  return validFrom <= time && (statedUntil === null || statedUntil > time)
}

/**
 * Whether a statement holds at a time beside the others of its slot that are known: none of another value began later,
 * covers the time too and counts as much.
 */
export function holdsAt(
  fact: FactStatement,
  others: readonly FactStatement[],
  time: number,
): boolean {
  if (!coversTime(fact, time)) return false
  return !others.some(
    (other) =>
      other.slot === fact.slot &&
      differs(other, fact) &&
      countsAsMuch(other, fact) &&
      other.validFrom > fact.validFrom &&
      coversTime(other, time),
  )
}

/** What was stated, without when it was known. */
export function statementOf(fact: StatedFact): FactStatement {
  return {
    kind: fact.kind,
    agentId: fact.agentId,
    subject: fact.subject,
    attribute: fact.attribute,
    value: fact.value,
    slot: fact.slot,
    valueKey: fact.valueKey,
    isAdded: fact.isAdded,
    validFrom: fact.validFrom,
    statedUntil: fact.statedUntil,
    origin: fact.origin,
    sourceMessageIds: fact.sourceMessageIds,
  }
}

/** What holds at a time of statements that are known, with when each ends and whether another contradicts it. */
export function factsAt(known: readonly StatedFact[], time: number): readonly Fact[] {
  const slots = Map.groupBy(known, ({ slot }) => slot)
  return [...slots.values()].flatMap((slot) => {
    const holding = slot.filter((fact) => holdsAt(fact, slot, time))
    return holding.map((fact) => ({
      ...fact,
      validUntil: endOf(fact, slot, time),
      isContested: !fact.isAdded && holding.some((other) => differs(other, fact)),
    }))
  })
}

/**
 * All statements that are given, whether they hold or not, with when each ends by what is known, and whether another contradicts
 * it when it begins.
 */
export function factsEver(
  given: readonly StatedFact[],
  known: readonly StatedFact[],
): readonly Fact[] {
  const slots = Map.groupBy(known, ({ slot }) => slot)
  return given.map((fact) => {
    const slot = slots.get(fact.slot) ?? []
    return {
      ...fact,
      validUntil: endOf(fact, slot, fact.validFrom),
      isContested: isContestedFromStart(fact, slot),
    }
  })
}

/**
 * Whether something else holds when a statement begins. What began earlier does so only where this one counts less, and of that
 * the last to begin.
 */
function isContestedFromStart(fact: StatedFact, slot: readonly StatedFact[]): boolean {
  if (fact.isAdded) return false
  const { validFrom: time } = fact
  const others = slot.filter((other) => !other.isAdded && coversTime(other, time))
  if (others.some((other) => other.validFrom === time && differs(other, fact))) return true
  const stronger = others.filter((other) => !countsAsMuch(fact, other))
  const last = stronger.reduce((latest, { validFrom }) => Math.max(latest, validFrom), -Infinity)
  return stronger.some((other) => other.validFrom === last && differs(other, fact))
}

/** Whether another statement of the same slot says something else and may end this one. */
function differs(other: FactStatement, fact: FactStatement): boolean {
  return !other.isAdded && other.valueKey !== fact.valueKey
}

/** Whether another statement counts enough to end this one. */
function countsAsMuch(other: FactStatement, fact: FactStatement): boolean {
  return isTrusted(other.origin) || !isTrusted(fact.origin)
}

/** When the next value begins after a time, or the end that was stated; null = neither. */
function endOf(fact: StatedFact, slot: readonly StatedFact[], time: number): number | null {
  let end = fact.statedUntil
  for (const other of slot) {
    if (other.validFrom <= time || !differs(other, fact) || !countsAsMuch(other, fact)) continue
    if (end === null || other.validFrom < end) end = other.validFrom
  }
  return end
}

import { factText, holdsAt, isTrusted, type StatedFact } from '../../domain/fact.ts'
import { type Cleanup, emptyCleanup } from './cleanup.ts'

/**
 * Closes statements that add nothing to an earlier one about the same: it says the same value, holds when they begin and
 * ends no earlier. Its sources become those of both. Values that were replaced need no closing: when each ends follows from
 * the others, and they stay known as the past.
 */
export function mergeFacts(known: readonly StatedFact[]): readonly Cleanup[] {
  const slots = Map.groupBy(known, ({ kind, slot }) => `${kind} ${slot}`)
  return [...slots.values()].flatMap((slot) => {
    const left = new Set(slot)
    const sorted = slot.toSorted(
      (one, other) => other.validFrom - one.validFrom || (one.id < other.id ? 1 : -1),
    )
    return sorted.flatMap((fact) => {
      left.delete(fact)
      const others = [...left]
      const keeper = others.find((other) => isKeptBy(fact, other, others))
      if (keeper !== undefined) return [toCleanup(fact, keeper)]
      left.add(fact)
      return []
    })
  })
}

function isKeptBy(fact: StatedFact, other: StatedFact, others: readonly StatedFact[]): boolean {
  const { statedUntil } = fact
  return (
    other.valueKey === fact.valueKey &&
    other.isAdded === fact.isAdded &&
    other.validFrom <= fact.validFrom &&
    isTrusted(other.origin) === isTrusted(fact.origin) &&
    (other.statedUntil === null || (statedUntil !== null && other.statedUntil >= statedUntil)) &&
    holdsAt(other, others, fact.validFrom)
  )
}

function toCleanup(fact: StatedFact, keeper: StatedFact): Cleanup {
  return {
    ...emptyCleanup,
    key: `facts ${keeper.id} ${fact.id}`,
    reason: 'merge facts',
    notes: [`merged: ${factText(fact)} was stated twice`],
    mergedFacts: [{ factId: fact.id, keptBy: keeper.id }],
  }
}

import type { Fact } from '../../domain/fact.ts'
import { analyse } from '../analysis/analyse.ts'

/** A value that another one has replaced by now. */
export interface ReplacedValue {
  /** The tokens of the former value, and of what it was about. */
  readonly old: readonly string[]
  readonly topic: readonly string[]
  /** Whom or what it was about. */
  readonly subject: readonly string[]
  readonly current: Fact
}

/** The values that are over, each with the one that holds now. */
export function replacedValues(facts: readonly Fact[], now: number): readonly ReplacedValue[] {
  const past = facts.filter(({ validUntil }) => validUntil !== null && validUntil <= now)
  const holding = new Map<string, Fact>()
  for (const fact of facts) {
    const { slot, isAdded, validFrom, validUntil } = fact
    const holds = validFrom <= now && (validUntil === null || validUntil > now)
    if (holds && !isAdded && !holding.has(slot)) holding.set(slot, fact)
  }
  return past.flatMap((former) => {
    const current = holding.get(former.slot)
    if (current === undefined || current.valueKey === former.valueKey) return []
    const [old, topic] = [analyse(former.value), analyse(former.attribute)]
    return [{ old, topic, subject: analyse(former.subject), current }]
  })
}

/** The value that a line speaks of as if it still held; undefined = it speaks of none. */
export function findReplaced(
  words: readonly string[],
  replaced: readonly ReplacedValue[],
): ReplacedValue | undefined {
  const said = new Set(words)
  const holds = (wanted: readonly string[]): boolean => wanted.every((word) => said.has(word))
  return replaced.find(
    ({ old, topic, current }) =>
      old.length > 0 && holds(old) && holds(topic) && !holds(analyse(current.value)),
  )
}

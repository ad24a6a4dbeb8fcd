import { factText, holdsAt, type FactStatement, type StatedFact } from '../../domain/fact.ts'
import { quoteAsData } from '../quote.ts'
import { formatInZone } from '../zoned-time.ts'
import { statementAfter, type FactEdit } from './place-fact.ts'

/** The circumstances of telling. */
export interface Telling {
  readonly now: number
  readonly timezone: string
}

/** A fact with its times, such as `base images = Alpine (since 2026-11-22)`. */
export function tellFact(
  fact: Pick<
    FactStatement,
    'kind' | 'subject' | 'attribute' | 'value' | 'validFrom' | 'statedUntil'
  > & { readonly validUntil?: number | null },
  timezone: string,
): string {
  const { validUntil = fact.statedUntil } = fact
  const since = dayOf(fact.validFrom, timezone)
  const times =
    validUntil === null ? `since ${since}` : `${since} to ${dayOf(validUntil - 1, timezone)}`
  return `${quoteAsData(factText(fact))} (${times})`
}

/**
 * What edits of facts did, for whoever asked for them: what is known now, what it replaces, and what contradicts it.
 * `known` is what was known before.
 */
export function tellEdits(
  edits: readonly FactEdit[],
  known: readonly StatedFact[],
  { now, timezone }: Telling,
): string {
  const [first] = edits
  if (first === undefined) return 'That is known already. Nothing was changed.'
  if (first.action === 'delete') return `Taken back: ${tellFact(first.before, timezone)}.`
  const stated = first.action === 'create' ? first.statement : { ...first.before, ...first.set }
  const all = [...untouched(known, edits), ...edits.flatMap((edit) => statementAfter(edit) ?? [])]
  const others = all.filter(
    ({ slot, valueKey, isAdded }) =>
      slot === stated.slot && valueKey !== stated.valueKey && !isAdded,
  )
  const rivals = stated.isAdded
    ? []
    : others.filter(
        (other) => holdsAt(other, all, stated.validFrom) && holdsAt(stated, all, stated.validFrom),
      )
  const before = known
    .filter(({ slot, valueKey }) => slot === stated.slot && valueKey !== stated.valueKey)
    .filter(
      (fact) => !fact.isAdded && holdsAt(fact, known, Math.max(stated.validFrom, fact.validFrom)),
    )
  const replaced = before.filter((fact) => holdsAt(fact, known, now) && !holdsAt(fact, all, now))
  const later = others.filter((other) => holdsAt(other, all, now) && !holdsAt(stated, all, now))
  return [
    `${first.action === 'edit' ? 'Changed' : 'Remembered'}: ${tellFact(asStated(stated), timezone)}.`,
    ...(first.action === 'edit' && first.set.value !== undefined
      ? [`It was: ${tellFact(first.before, timezone)}.`]
      : []),
    ...replaced.map((fact) => `Before: ${tellFact(fact, timezone)}.`),
    ...later.map((fact) => `Now it is: ${tellFact(asStated(fact), timezone)}.`),
    ...rivals.map(
      (fact) => `Contradiction: ${tellFact(fact, timezone)} is also stated; both are kept.`,
    ),
  ].join(' ')
}

/** A fact with its own end: the one that was worked out for it may be of before the edits, or of another time. */
function asStated<Statement extends FactStatement>(
  fact: Statement,
): Statement & { readonly validUntil: number | null } {
  return { ...fact, validUntil: fact.statedUntil }
}

function untouched(
  known: readonly StatedFact[],
  edits: readonly FactEdit[],
): readonly StatedFact[] {
  const touched = new Set(
    edits.flatMap((edit) => (edit.action === 'create' ? [] : [edit.before.id])),
  )
  return known.filter(({ id }) => !touched.has(id))
}

/** A day like `2026-11-22`. */
export function dayOf(time: number, timezone: string): string {
  return formatInZone(time, timezone).slice(0, 10)
}

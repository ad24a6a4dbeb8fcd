import type { Actor } from '../../domain/block.ts'
import { type FactStatement, holdsAt, isTrusted, type StatedFact } from '../../domain/fact.ts'
import { AppError } from '../../errors/app-error.ts'
import { opposes } from './opposes.ts'

/** What somebody wants done with facts. */
export type FactRequest =
  /** State something; `corrects` = what was stated for that time was never true. */
  | { readonly kind: 'state'; readonly statement: FactStatement; readonly corrects: boolean }
  /** Take a statement back. */
  | { readonly kind: 'close'; readonly factId: string }

/** What has to be written for it. */
export type FactEdit =
  | { readonly action: 'create'; readonly statement: FactStatement }
  | {
      readonly action: 'edit'
      readonly before: StatedFact
      readonly set: Partial<Omit<FactStatement, 'agentId' | 'kind'>>
    }
  | { readonly action: 'delete'; readonly before: StatedFact }

/**
 * What a request means for the facts that are known: which rows to write. No model is asked, and the same input gives the
 * same answer.
 *
 * - The value that holds then is stated again: its sources grow, its end moves when one was given, and a correction words it
 *   anew.
 * - The value that comes next is stated for earlier: it began earlier.
 * - Another value for the very same time, from the same message or the same caller, or as a correction: the earlier
 *   statement is revised. From elsewhere, both stand: a contradiction.
 * - An instruction takes the place of those that say the opposite in the same words.
 * - What comes from a tool or the web changes nothing that a person or the agent stated; stated by those too, it is theirs.
 * - Everything else is a new statement; which value holds when follows from their times.
 */
export function placeFact(
  known: readonly StatedFact[],
  request: FactRequest,
  by: { readonly actor: Actor },
): readonly FactEdit[] {
  if (request.kind === 'close') return [closing(known, request.factId)]
  const { statement, corrects } = request
  const all = known.filter(({ slot }) => slot === statement.slot)
  const same = all.filter(({ valueKey }) => valueKey === statement.valueKey)
  const holding = same.find((fact) => holdsAt(fact, all, statement.validFrom))
  if (holding !== undefined) {
    return countsLess(statement, holding) ? [] : restate(holding, { statement, corrects })
  }
  const others = all.filter((fact) => !countsLess(statement, fact))
  const next = nextOf(others, statement)
  if (next?.valueKey === statement.valueKey && statement.statedUntil === null) {
    const { validFrom } = statement
    const set = { validFrom, ...trustOf(next, statement), ...sourcesOf(next, statement) }
    return [{ action: 'edit', before: next, set }]
  }
  const isInstruction = statement.kind === 'instruction'
  const wrong = isInstruction
    ? oppositesOf(others, statement)
    : wrongOf(others, { statement, corrects, by })
  const [revised, ...taken] = wrong
  if (revised === undefined) return [{ action: 'create', statement }]
  const set = isInstruction ? replacementOf(statement) : revisionOf(revised, statement)
  return [
    { action: 'edit', before: revised, set },
    ...taken.map((before) => ({ action: 'delete', before }) as const),
  ]
}

/** The statement that an edit leaves behind; null when it takes one away. */
export function statementAfter(edit: FactEdit): FactStatement | null {
  switch (edit.action) {
    case 'create':
      return edit.statement
    case 'edit':
      return { ...edit.before, ...edit.set }
    case 'delete':
      return null
  }
}

function closing(known: readonly StatedFact[], id: string): FactEdit {
  const before = known.find((fact) => fact.id === id)
  if (before !== undefined) return { action: 'delete', before }
  throw new AppError(
    'not_found',
    `Cannot find the fact ${id}: none is known with this id. Check the id.`,
    { data: { kind: 'fact', id } },
  )
}

function restate(
  holding: StatedFact,
  { statement, corrects }: { readonly statement: FactStatement; readonly corrects: boolean },
): readonly FactEdit[] {
  const { statedUntil, value } = statement
  const isReworded = corrects && value !== holding.value
  const isEnded = statedUntil !== null && statedUntil !== holding.statedUntil
  const isNew = statement.sourceMessageIds.some((id) => !holding.sourceMessageIds.includes(id))
  const trust = trustOf(holding, statement)
  if (!isEnded && !isNew && !isReworded && trust === null) return []
  const set = {
    ...(isEnded && { statedUntil }),
    ...(isReworded && { value }),
    ...trust,
    ...sourcesOf(holding, statement),
  }
  return [{ action: 'edit', before: holding, set }]
}

function countsLess(statement: FactStatement, fact: FactStatement): boolean {
  return isTrusted(fact.origin) && !isTrusted(statement.origin)
}

/** What a tool had told becomes the statement of whoever states it, too; null = it stays whose it was. */
function trustOf(fact: StatedFact, statement: FactStatement): Pick<FactStatement, 'origin'> | null {
  return countsLess(fact, statement) ? { origin: statement.origin } : null
}

function sourcesOf(
  fact: StatedFact,
  statement: FactStatement,
): Pick<FactStatement, 'sourceMessageIds'> {
  return {
    sourceMessageIds: [...new Set([...fact.sourceMessageIds, ...statement.sourceMessageIds])],
  }
}

/** The next statement after a time that may end others. */
function nextOf(others: readonly StatedFact[], statement: FactStatement): StatedFact | undefined {
  return others
    .filter(
      ({ validFrom, isAdded, valueKey }) =>
        validFrom > statement.validFrom && (!isAdded || valueKey === statement.valueKey),
    )
    .toSorted((left, right) => left.validFrom - right.validFrom)[0]
}

/** The statements that a new one says were never true. */
function wrongOf(
  others: readonly StatedFact[],
  given: {
    readonly statement: FactStatement
    readonly corrects: boolean
    readonly by: { readonly actor: Actor }
  },
): readonly StatedFact[] {
  const { statement, corrects, by } = given
  if (statement.isAdded) return []
  if (corrects) {
    return others
      .filter((fact) => !fact.isAdded && holdsAt(fact, others, statement.validFrom))
      .toSorted((left, right) => right.recordedAt - left.recordedAt)
  }
  return others.filter(
    (fact) =>
      !fact.isAdded &&
      fact.validFrom === statement.validFrom &&
      fact.statedUntil === statement.statedUntil &&
      isSameSource(fact, statement, by.actor),
  )
}

/** The instructions that stand and say the opposite of a new one, which counts as it was said last. */
function oppositesOf(
  others: readonly StatedFact[],
  statement: FactStatement,
): readonly StatedFact[] {
  return others
    .filter((fact) => holdsAt(fact, others, statement.validFrom))
    .filter(({ value }) => opposes(value, statement.value))
    .toSorted((left, right) => right.recordedAt - left.recordedAt)
}

/** A new instruction in the place of another one: what it says, since when and until when, and who said it. */
function replacementOf({
  agentId: _agentId,
  kind: _kind,
  ...set
}: FactStatement): Partial<Omit<FactStatement, 'agentId' | 'kind'>> {
  return set
}

function isSameSource(fact: StatedFact, statement: FactStatement, actor: Actor): boolean {
  if (fact.origin !== statement.origin) return false
  const [own, other] = [statement.sourceMessageIds, fact.sourceMessageIds]
  if (own.length === 0 && other.length === 0) {
    return fact.actor.kind === actor.kind && fact.actor.id === actor.id
  }
  return own.some((id) => other.includes(id))
}

/** A corrected value was true as long as the wrong one was said to be. */
function revisionOf(
  revised: StatedFact,
  statement: FactStatement,
): Partial<Omit<FactStatement, 'agentId' | 'kind'>> {
  const { subject, attribute, value, valueKey, origin, sourceMessageIds, statedUntil } = statement
  const isEnded = statedUntil !== null && statedUntil !== revised.statedUntil
  return {
    subject,
    attribute,
    value,
    valueKey,
    origin,
    sourceMessageIds,
    ...(isEnded && { statedUntil }),
  }
}

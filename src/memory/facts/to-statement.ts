import type { Origin } from '../../domain/archive.ts'
import { countCodePoints } from '../../domain/block.ts'
import type { FactStatement } from '../../domain/fact.ts'
import { AppError } from '../../errors/app-error.ts'
import { instructionSlot, oneLine, slotOf, toSubject, valueKeyOf } from './fact-keys.ts'
import { readEnd, readStart } from './read-time.ts'

/** What somebody states, as they write it. */
export interface GivenFact {
  /** Default: the person the agent talks to. */
  readonly subject?: string | undefined
  readonly attribute: string
  readonly value: string
  /** Since when it is true, in words or ISO 8601. Default: since it is stated. */
  readonly since?: string | undefined
  /** Until when it is or was true, inclusive. Default: it holds on. */
  readonly until?: string | undefined
  /** Whether it stands beside the other values. Default: false. */
  readonly isAdded?: boolean | undefined
}

/** The circumstances of a statement. */
export interface Stating {
  readonly agentId: string
  readonly origin: Origin
  readonly sourceMessageIds: readonly string[]
  /** When it is stated, in epoch milliseconds. */
  readonly now: number
  readonly timezone: string
}

/** The longest attribute and subject, and the longest value or instruction, in Unicode code points. */
const nameLimit = 200
const valueLimit = 4000

/** A statement as it is stored. Throws `invalid_argument` for what is empty, too long or no time. */
export function toStatement(given: GivenFact, stating: Stating): FactStatement {
  const subject = toSubject(given.subject)
  const attribute = oneLine(given.attribute)
  const value = given.value.trim()
  requireText('subject', subject, nameLimit)
  requireText('attribute', attribute, nameLimit)
  requireText('value', value, valueLimit)
  return {
    kind: 'fact',
    subject,
    attribute,
    value,
    slot: slotOf(subject, attribute),
    isAdded: given.isAdded === true,
    ...shared(value, given, stating),
  }
}

/** An instruction as it is stored. */
export function toInstruction(
  given: { readonly text: string; readonly until?: string | undefined },
  stating: Stating,
): FactStatement {
  const value = oneLine(given.text)
  requireText('instruction', value, valueLimit)
  const rest = shared(value, given, stating)
  if (rest.statedUntil !== null && rest.statedUntil <= stating.now) {
    throw new AppError(
      'invalid_argument',
      `Cannot give the instruction: it would stand until ${JSON.stringify(given.until)}, and that is over. Give a later end, or none.`,
    )
  }
  return {
    kind: 'instruction',
    subject: '',
    attribute: '',
    value,
    slot: instructionSlot,
    isAdded: true,
    ...rest,
  }
}

function shared(
  value: string,
  given: Pick<GivenFact, 'since' | 'until'>,
  stating: Stating,
): Pick<
  FactStatement,
  'agentId' | 'valueKey' | 'validFrom' | 'statedUntil' | 'origin' | 'sourceMessageIds'
> {
  const { agentId, origin, sourceMessageIds, now, timezone } = stating
  const { since, until } = given
  const validFrom = isBlank(since) ? now : readStart({ text: since, name: 'since', now, timezone })
  const statedUntil = isBlank(until) ? null : readEnd({ text: until, name: 'until', now, timezone })
  if (statedUntil !== null && statedUntil <= validFrom && !isBlank(since)) {
    throw new AppError(
      'invalid_argument',
      `Cannot state a fact: it ends (${JSON.stringify(until)}) before it begins (${JSON.stringify(since)}). Exchange them.`,
    )
  }
  // Of something that is over only the end may be known: then it is told for its last moment.
  const isOver = statedUntil !== null && statedUntil <= validFrom
  return {
    agentId,
    valueKey: valueKeyOf(value),
    validFrom: isOver ? statedUntil - 1 : validFrom,
    statedUntil,
    origin,
    sourceMessageIds,
  }
}

function isBlank(text: string | undefined): text is undefined {
  return text === undefined || text.trim() === ''
}

function requireText(name: string, text: string, limit: number): void {
  if (text === '') {
    throw new AppError(
      'invalid_argument',
      `Cannot state a fact: its ${name} is empty. Give the ${name}.`,
    )
  }
  const length = countCodePoints(text)
  if (length > limit) {
    throw new AppError(
      'invalid_argument',
      `Cannot state a fact: its ${name} has ${length} characters and may have ${limit}. Shorten it; long texts belong into archival memory.`,
    )
  }
}

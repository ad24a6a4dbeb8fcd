import { z } from 'zod'
import { origins } from '../domain/archive.ts'
import { type Fact, factText, isTrusted } from '../domain/fact.ts'
import type { JsonObject } from '../util/json.ts'
import { queryFlag, queryInteger } from './query.ts'
import { encodeTime, spokenTime } from './time.ts'

const limit = queryInteger.pipe(z.int().min(1).max(500)).default(50)
const offset = queryInteger.pipe(z.int().min(0).max(100_000)).default(0)
const origin = z.enum(origins)

/** Which facts. */
export const factListQuery = z.lazy(() =>
  z.object({
    query: z.string().default(''),
    subject: z.string().optional(),
    attribute: z.string().optional(),
    as_of: spokenTime.optional(),
    known_at: spokenTime.optional(),
    /** Only what began to be true from then on, and until then, both inclusive. */
    from: spokenTime.optional(),
    to: spokenTime.optional(),
    history: queryFlag.default(false),
    /** Say how each fact was found. */
    explain: queryFlag.default(false),
    limit,
    offset,
  }),
)

/** Which instructions. */
export const instructionListQuery = z.lazy(() => z.object({ limit, offset }))

/** Whose history. */
export const factHistoryQuery = z.lazy(() =>
  z
    .object({
      fact_id: z.string().optional(),
      subject: z.string().optional(),
      attribute: z.string().optional(),
    })
    .refine(({ fact_id: id, attribute }) => (id === undefined) !== (attribute === undefined), {
      error: 'Give either fact_id or attribute',
    }),
)

/** A statement. */
export const createFactSchema = z.lazy(() =>
  z.object({
    subject: z.string().optional(),
    attribute: z.string(),
    value: z.string(),
    since: spokenTime.optional(),
    until: spokenTime.optional(),
    additional: z.boolean().default(false),
    correction: z.boolean().default(false),
    origin: origin.optional(),
    source_message_ids: z.array(z.string()).max(100).optional(),
  }),
)

/** An instruction. */
export const createInstructionSchema = z.lazy(() =>
  z.object({
    text: z.string(),
    until: spokenTime.optional(),
    origin: origin.optional(),
    source_message_ids: z.array(z.string()).max(100).optional(),
  }),
)

/** What to put in order. */
export const timelineQuery = z.lazy(() =>
  z.object({
    query: z.string().default(''),
    from: spokenTime.optional(),
    to: spokenTime.optional(),
    newest_first: queryFlag.default(false),
    limit,
    offset,
  }),
)

/** A fact as the wire shows it; `text` is it on one line. */
export function encodeFact(fact: Fact): JsonObject {
  return {
    id: fact.id,
    kind: fact.kind,
    text: factText(fact),
    subject: fact.subject,
    attribute: fact.attribute,
    value: fact.value,
    additional: fact.isAdded,
    valid_from: encodeTime(fact.validFrom),
    valid_until: encodeTime(fact.validUntil),
    stated_until: encodeTime(fact.statedUntil),
    contested: fact.isContested,
    origin: fact.origin,
    trusted: isTrusted(fact.origin),
    source_message_ids: [...fact.sourceMessageIds],
    actor: { ...fact.actor },
    reason: fact.reason,
    version: fact.version,
    recorded_at: encodeTime(fact.recordedAt),
    closed_at: encodeTime(fact.closedAt),
  }
}

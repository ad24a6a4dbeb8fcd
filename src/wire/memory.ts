import { z } from 'zod'
import {
  type ConsolidationPolicy,
  type ConsolidatorReport,
  leastTokensPerDay,
} from '../domain/consolidation.ts'
import {
  changeName,
  type MemoryChange,
  type MemoryProposal,
  parseChangeName,
} from '../domain/memory-change.ts'
import type { JsonObject } from '../util/json.ts'
import { queryInteger } from './query.ts'
import { encodeTime, timeSchema } from './time.ts'

/** The name of a change such as `m-12`, as its number. */
export const changeNameSchema = z.string().transform((name, context) => {
  const number = parseChangeName(name)
  if (number !== null) return number
  context.addIssue({
    code: 'custom',
    message: 'Input should be the name of a change, such as m-12',
  })
  return z.NEVER
})

const limit = queryInteger.pipe(z.int().min(1).max(500)).default(50)

/** Which part of the history. */
export const memoryHistoryQuery = z.lazy(() =>
  z.object({
    item: z.string().optional(),
    run_id: z.string().optional(),
    before: changeNameSchema.optional(),
    limit,
  }),
)

/** Which change. */
export const memoryDiffQuery = z.lazy(() => z.object({ change: changeNameSchema }))

/** Which block, by label or id, or which passage or fact, by id. */
export const memoryBlameQuery = z.lazy(() =>
  z
    .object({ block: z.string().optional(), item: z.string().optional() })
    .refine(({ block, item }) => (block === undefined) !== (item === undefined), {
      error: 'Give either item or block',
    }),
)

/** Which time; of one item, or of all blocks. */
export const memoryAtQuery = z.lazy(() =>
  z.object({ time: timeSchema, item: z.string().optional() }),
)

/** Which proposals. */
export const memoryProposalsQuery = z.lazy(() =>
  z.object({
    state: z.enum(['open', 'applied', 'rejected']).optional(),
    limit,
  }),
)

/** How much of what waits for approval. */
export const memoryQuarantineQuery = z.lazy(() => z.object({ limit }))

/** Which answer, by its run or by a message of it. */
export const memoryAnswerSchema = z.lazy(() =>
  z
    .object({ run_id: z.string().optional(), message_id: z.string().optional() })
    .refine(
      ({ run_id: run, message_id: message }) => (run === undefined) !== (message === undefined),
      {
        error: 'Give either run_id or message_id',
      },
    ),
)

/** What to undo. */
export const memoryUndoSchema = z.lazy(() => z.object({ change: changeNameSchema }))

/** What to restore: a block by label or id or a passage or fact by id, to a version or a time. */
export const memoryRestoreSchema = z.lazy(() =>
  z
    .object({ item: z.string(), version: z.int().min(1).optional(), at: timeSchema.optional() })
    .refine(({ version, at }) => (version === undefined) !== (at === undefined), {
      error: 'Give either version or at',
    }),
)

/** Whether edits count at once. */
export const memoryModeSchema = z.lazy(() => z.object({ mode: z.enum(['auto', 'review']) }))

/** Whether to say only what would be tidied, and whether a model may take part. */
export const consolidateSchema = z.lazy(() =>
  z.object({
    dry_run: z.boolean().default(false),
    with_model: z.boolean().default(true),
  }),
)

const count = z.int().min(1).max(1_000_000).nullable().default(null)

/** When an agent's memory is tidied by itself, and what a model may take for it; null and absent = not by that. */
export const consolidationSchema = z.lazy(() =>
  z.object({
    every_turns: count,
    after_idle_minutes: count,
    tokens_per_day: z.int().min(leastTokensPerDay).max(1_000_000_000).nullable().default(null),
    model: z.string().min(1).nullable().default(null),
  }),
)

/** When an agent's memory is tidied by itself, as the wire takes it. */
export function decodePolicy(body: z.infer<typeof consolidationSchema>): ConsolidationPolicy {
  return {
    everyTurns: body.every_turns,
    afterIdleMinutes: body.after_idle_minutes,
    tokensPerDay: body.tokens_per_day,
    model: body.model,
  }
}

/** The same as the wire shows it. */
export function encodePolicy(policy: ConsolidationPolicy): JsonObject {
  return {
    every_turns: policy.everyTurns,
    after_idle_minutes: policy.afterIdleMinutes,
    tokens_per_day: policy.tokensPerDay,
    model: policy.model,
  }
}

/** What came of asking a model, as the wire shows it and jobs keep it. */
export function encodeReport(report: ConsolidatorReport): JsonObject {
  return {
    state: report.state,
    reason: report.reason,
    refused: report.refused,
    tokens: report.tokens,
    used_today: report.usedToday,
    tokens_per_day: report.tokensPerDay,
  }
}

/** A change as the wire shows it; `text` says in words what it did. */
export function encodeChange(
  change: MemoryChange,
  note: { readonly kind: string; readonly text: string },
): JsonObject {
  return {
    id: changeName(change.number),
    kind: note.kind,
    text: note.text,
    subject: change.subject,
    item_id: change.itemId,
    label: change.label,
    action: change.action,
    version: change.version,
    before_hash: change.beforeHash,
    after_hash: change.afterHash,
    actor: { ...change.actor },
    reason: change.reason,
    source_message_ids: [...change.sourceMessageIds],
    agent_id: change.agentId,
    run_id: change.runId,
    undoes: change.undoes === null ? null : changeName(change.undoes),
    created_at: encodeTime(change.createdAt),
  }
}

/** A proposal as the wire shows it. */
export function encodeProposal(proposal: MemoryProposal, notes: readonly string[]): JsonObject {
  return {
    id: changeName(proposal.number),
    state: proposal.state,
    notes: [...notes],
    edit: proposal.edit,
    agent_id: proposal.agentId,
    run_id: proposal.runId,
    reason: proposal.reason,
    source_message_ids: [...proposal.sourceMessageIds],
    created_at: encodeTime(proposal.createdAt),
    settled_at: encodeTime(proposal.settledAt),
    settled_by_id: proposal.settledById,
  }
}

/** What differs between two states of an item as the wire shows it: all lines of both, and what changed besides. */
export function encodeDiff(diff: {
  readonly lines: readonly { readonly sign: ' ' | '-' | '+'; readonly text: string }[]
  readonly fields: readonly {
    readonly field: string
    readonly before: string | null
    readonly after: string | null
  }[]
}): JsonObject {
  return {
    lines: diff.lines.map(({ sign, text }) => ({ sign, text })),
    fields: diff.fields.map(({ field, before, after }) => ({ field, before, after })),
  }
}

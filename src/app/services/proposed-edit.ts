import { z } from 'zod'
import { origins } from '../../domain/archive.ts'
import type { MemoryProposal } from '../../domain/memory-change.ts'

const origin = z.enum(origins)

const factStatement = z.lazy(() =>
  z.object({
    kind: z.enum(['fact', 'instruction']),
    agentId: z.string(),
    subject: z.string(),
    attribute: z.string(),
    value: z.string(),
    slot: z.string(),
    valueKey: z.string(),
    isAdded: z.boolean(),
    validFrom: z.int(),
    statedUntil: z.int().nullable(),
    origin,
    sourceMessageIds: z.array(z.string()),
  }),
)

const kept = z.lazy(() =>
  z.object({
    text: z.string(),
    keptBy: z.string(),
    saidBy: z.string().exactOptional(),
  }),
)

/** What a cleanup holds besides its edits of blocks, which are those of the proposal. */
const cleanup = z.lazy(() =>
  z.object({
    key: z.string(),
    reason: z.string(),
    removedLines: z.array(kept),
    removedPassages: z.array(kept.unwrap().extend({ passageId: z.string() })),
    taggedPassages: z.array(
      z.object({
        passageId: z.string(),
        text: z.string(),
        tags: z.array(z.string()),
        becomes: z.string().exactOptional(),
        sourceMessageIds: z.array(z.string()).exactOptional(),
      }),
    ),
    mergedFacts: z.array(z.object({ factId: z.string(), keptBy: z.string() })),
  }),
)

/** What a proposal holds; written by the runtime and by consolidation, read here. */
const proposedEdit = z.lazy(() =>
  z.object({
    blocks: z.array(
      z.object({
        blockId: z.string(),
        expectedVersion: z.int(),
        value: z.string().optional(),
        label: z.string().optional(),
        description: z.string().optional(),
      }),
    ),
    newBlocks: z.array(z.object({ label: z.string(), value: z.string(), description: z.string() })),
    detachedBlocks: z.array(z.object({ blockId: z.string(), expectedVersion: z.int() })),
    passages: z.array(
      z.object({
        text: z.string(),
        tags: z.array(z.string()),
        origin,
        /** Which piece of a text it is that is too long for one passage. */
        piece: z.object({ part: z.int(), parts: z.int() }).exactOptional(),
      }),
    ),
    /** Absent in proposals of before there were facts. */
    facts: z
      .array(
        z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('state'), statement: factStatement, corrects: z.boolean() }),
          z.object({ kind: z.literal('close'), factId: z.string() }),
        ]),
      )
      .default([]),
    /** Present in proposals of consolidation. */
    cleanup: cleanup.optional(),
    notes: z.array(z.string()),
  }),
)

/** An edit that waits for a person. */
export type ProposedEdit = z.infer<typeof proposedEdit>

/** What a proposal holds. */
export function readProposal({ edit }: MemoryProposal): ProposedEdit {
  return proposedEdit.parse(edit)
}

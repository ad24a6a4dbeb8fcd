import type { Archive, Passage } from '../domain/archive.ts'
import type { Block } from '../domain/block.ts'
import type { MessageItem, PromptPrefix } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { RunEventBody, ToolJournalEntry } from '../domain/run.ts'
import { isAppError } from '../errors/app-error.ts'
import { passageTokens } from '../memory/search/searchable-tokens.ts'
import type { NewMessage } from '../storage/contract/new-message.ts'
import type { JournaledReturn, ToolCommit } from '../storage/contract/turn-store.ts'
import { type MemoryEdit, type MemoryTool, passageIdPlaceholder } from '../tools/tool.ts'
import { publishCommit } from './publish-commit.ts'
import { cutReturn, errorReturn, executionError, type ToolResult } from './run-tool.ts'
import { type ActiveTurn, turnMessageIds } from './turn-state.ts'

/** How often a memory edit is computed anew because somebody else changed a block in between. */
const editAttempts = 5

/** A finished call and what to store beside its result. */
export interface ToolCommitRequest {
  readonly entry: ToolJournalEntry
  readonly outcome: ToolResult
  /** Called with the final result; returns what the last call of a step adds, or null. */
  readonly finish: (result: JournaledReturn) => StepFinish | null
}

/** What is stored with the last call of a step. */
export interface StepFinish {
  readonly message: NewMessage
  readonly events: readonly RunEventBody[]
}

/** What was stored. */
export interface StoredToolResult {
  readonly result: JournaledReturn
  /** The tool message at its place, when this was the last call of the step. */
  readonly item: MessageItem | null
}

/**
 * Commits the result of one call. A memory edit is computed from the blocks as they are and written by compare-and-swap in
 * the same transaction, so that it happens exactly once; after {@link editAttempts} conflicts it becomes an error return.
 */
export async function commitToolResult(
  turn: ActiveTurn,
  request: ToolCommitRequest,
): Promise<StoredToolResult> {
  const { outcome } = request
  if (outcome.kind === 'return') return await commit(turn, request, { result: outcome.value })
  const first = computeEdit(turn, outcome, turn.work.blocks)
  const blockId = first.edit?.blocks[0]?.blockId
  if (blockId === undefined && request.entry.index === 0) return await commit(turn, request, first)
  return await turn.edits.run(blockId ?? turn.work.agent.id, (waited) =>
    commitEdit(turn, { ...request, outcome }, waited || request.entry.index > 0 ? null : first),
  )
}

/** Tries an edit until nobody comes in between; `first` is the edit of the blocks as the turn read them. */
async function commitEdit(
  turn: ActiveTurn,
  request: ToolCommitRequest & { readonly outcome: Extract<ToolResult, { kind: 'edit' }> },
  first: Draft | null,
): Promise<StoredToolResult> {
  for (let attempt = 1; attempt <= editAttempts; attempt += 1) {
    const known = attempt === 1 ? first : null
    const draft = known ?? computeEdit(turn, request.outcome, await currentBlocks(turn))
    try {
      return await commit(turn, request, draft)
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error
    }
  }
  const result = errorReturn(
    `Cannot apply ${request.entry.name}: the memory block was changed by others ${editAttempts} times while you edited it. Nothing was written. Try again.`,
  )
  return await commit(turn, request, { result })
}

interface Draft {
  readonly result: JournaledReturn
  readonly edit?: MemoryEdit
  /** The blocks the edit was computed from. */
  readonly blocks?: readonly Block[]
  readonly passages?: readonly Omit<Passage, 'archiveId'>[]
}

function currentBlocks({ parts, scope, work }: ActiveTurn): Promise<readonly Block[]> {
  return parts.store.listAgentBlocks(scope, { agentId: work.agent.id })
}

function computeEdit(
  turn: ActiveTurn,
  { tool, input }: { readonly tool: MemoryTool<unknown>; readonly input: unknown },
  blocks: readonly Block[],
): Draft {
  try {
    const edit = tool.edit(input, { blocks, now: turn.parts.clock.now() })
    const passages = edit.passages.map((draft) => toPassage(turn, draft))
    // Without passages the text may hold the placeholder as a user's words.
    const ids = passages.map(({ id }) => id).join(', ')
    const text = ids === '' ? edit.text : edit.text.replace(passageIdPlaceholder, () => ids)
    const result: JournaledReturn = {
      status: 'success',
      text: cutReturn(turn, tool, text),
      stdout: null,
      stderr: null,
    }
    return { result, edit, blocks, passages }
  } catch (error) {
    return { result: errorReturn(executionError(tool.name, error)) }
  }
}

async function commit(
  turn: ActiveTurn,
  { entry, finish }: ToolCommitRequest,
  draft: Draft,
): Promise<StoredToolResult> {
  const { parts, scope, lease, work } = turn
  const last = finish(draft.result)
  const passages = draft.passages ?? []
  const command: ToolCommit = {
    lease,
    stepId: entry.stepId,
    index: entry.index,
    result: draft.result,
    blockEdits: draft.edit?.blocks ?? [],
    passages: passages.map((passage) => ({ passage, tokens: passageTokens(passage.text) })),
    archive: passages.length > 0 ? newArchive(turn) : null,
    cause: {
      actor: { kind: 'agent', id: work.agent.id },
      reason: entry.name,
      sourceMessageIds: turnMessageIds(work),
    },
    toolMessage: last?.message ?? null,
    prefix: prefixAfter(turn, draft),
    events: last?.events ?? [],
    end: null,
    at: parts.clock.now(),
  }
  const stored = await parts.store.commitTool(scope, command)
  publishCommit(turn, stored)
  return { result: draft.result, item: stored.item }
}

/** The return shows the new value, so the reader of the prompt has seen that version. */
function prefixAfter({ work }: ActiveTurn, { edit, blocks = [] }: Draft): PromptPrefix | null {
  const { prefix } = work.conversation
  if (prefix === null || edit === undefined || edit.blocks.length === 0) return null
  const shown = { ...prefix.shown }
  for (const { blockId, expectedVersion } of edit.blocks) {
    const label = blocks.find((block) => block.id === blockId)?.label
    if (label !== undefined) shown[blockId] = { label, version: expectedVersion + 1 }
  }
  return { ...prefix, shown }
}

function toPassage(
  { parts, scope }: ActiveTurn,
  draft: MemoryEdit['passages'][number],
): Omit<Passage, 'archiveId'> {
  const now = parts.clock.now()
  return {
    id: newIdentifier(parts.ids, 'passage'),
    text: draft.text,
    tags: draft.tags,
    metadata: {},
    origin: draft.origin,
    sourceMessageIds: [],
    createdAt: now,
    updatedAt: now,
    createdById: scope.userId,
  }
}

function newArchive({ parts, scope, work }: ActiveTurn): Archive {
  const now = parts.clock.now()
  return {
    id: newIdentifier(parts.ids, 'archive'),
    name: `${work.agent.name}'s Archive`,
    description: 'Default archive created automatically',
    metadata: {},
    embedding: work.agent.embedding,
    createdAt: now,
    updatedAt: now,
    createdById: scope.userId,
  }
}

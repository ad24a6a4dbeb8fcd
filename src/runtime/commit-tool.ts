import type { Archive, Passage } from '../domain/archive.ts'
import { type Block, newBlock } from '../domain/block.ts'
import type { MessageItem, PromptPrefix } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { RunEventBody, ToolJournalEntry } from '../domain/run.ts'
import type { StatedFact } from '../domain/fact.ts'
import { type AppError, isAppError } from '../errors/app-error.ts'
import { toFactWrite } from '../memory/facts/fact-write.ts'
import { pieceMetadata } from '../memory/split-passage.ts'
import { passageEntry } from '../memory/search/search-entry.ts'
import type { JsonObject } from '../util/json.ts'
import type { FactWrite } from '../storage/contract/fact-store.ts'
import type { NewMessage } from '../storage/contract/new-message.ts'
import type { JournaledReturn, ToolCommit, TurnEnd } from '../storage/contract/turn-store.ts'
import {
  type MemoryEdit,
  type NewBlockDraft,
  passageIdPlaceholder,
  type SeenValues,
} from '../tools/tool.ts'
import { admitEdit, bringsToolWords, namePassages } from './admit-edit.ts'
import {
  changesMemory,
  proposedText,
  toolWordsText,
  toProposal,
  unsaidText,
} from './propose-edit.ts'
import { factSnapshot, factWriting, shownFactsAfter } from './fact-snapshot.ts'
import { publishCommit } from './publish-commit.ts'
import { withRecalledSources } from './recalled-sources.ts'
import { cutReturn, errorReturn, executionError, type ToolResult } from './run-tool.ts'
import { type ActiveTurn, turnMessageIds } from './turn-state.ts'

/** How often a memory edit is computed anew because somebody else changed a block in between. */
const editAttempts = 5

/** A finished call and what to store beside its result. */
export interface ToolCommitRequest {
  readonly entry: ToolJournalEntry
  readonly outcome: Exclude<ToolResult, { readonly kind: 'wait' }>
  /** Present when the call was a wait. */
  readonly wait?: ToolCommit['wait']
  /** The prefix with what the model was shown so far, also by earlier calls of the step. */
  readonly prefix: PromptPrefix | null
  /** Present when the turn ends with this call, the last of its step. */
  readonly end: TurnEnd | null
  /** Called with the final result; returns what the last call of a step adds, or null. */
  readonly finish: (result: JournaledReturn) => StepFinish | null
}

/** What is stored with the last call of a step. */
export interface StepFinish {
  readonly message: NewMessage
  /** The place kept free for it; null = the end of the conversation. */
  readonly position: number | null
  readonly events: readonly RunEventBody[]
}

/** What was stored. */
export interface StoredToolResult {
  readonly result: JournaledReturn
  /** The tool message at its place, when this was the last call of the step. */
  readonly item: MessageItem | null
  /** The prefix with what this return showed, too. */
  readonly prefix: PromptPrefix | null
  /** Whether the lease was given back with it. */
  readonly released: boolean
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
  const first = await computeEdit(turn, { ...request, outcome }, turn.work.blocks)
  const blockId = first.edit?.blocks[0]?.blockId
  const isFree = blockId === undefined && first.facts === undefined && request.entry.index === 0
  if (isFree) return await commitEdit(turn, { ...request, outcome }, first)
  return await turn.edits.run(blockId ?? turn.work.agent.id, (waited) =>
    commitEdit(turn, { ...request, outcome }, waited || request.entry.index > 0 ? null : first),
  )
}

/** Tries an edit until nobody comes in between; `first` is the edit of the blocks as the turn read them. */
async function commitEdit(
  turn: ActiveTurn,
  request: EditRequest,
  first: Draft | null,
): Promise<StoredToolResult> {
  let taken: AppError | null = null
  for (let attempt = 1; attempt <= editAttempts; attempt += 1) {
    const known = attempt === 1 ? first : null
    const draft = known ?? (await computeEdit(turn, request, await currentBlocks(turn)))
    try {
      return await commit(turn, request, draft)
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error
      taken = error.data['reason'] === 'label_taken' ? error : null
    }
  }
  const { name } = request.entry
  if (taken !== null) {
    return await commit(turn, request, { result: errorReturn(executionError(name, taken)) })
  }
  const result = errorReturn(
    `Cannot apply ${name}: what it edits was changed by others ${editAttempts} times while you edited it. Nothing was written. Try again.`,
  )
  return await commit(turn, request, { result })
}

/** A finished call that edits memory. */
type EditRequest = ToolCommitRequest & { readonly outcome: Extract<ToolResult, { kind: 'edit' }> }

interface Draft {
  readonly result: JournaledReturn
  readonly edit?: MemoryEdit
  /** The blocks the edit was computed from. */
  readonly blocks?: readonly Block[]
  readonly passages?: readonly Omit<ToolCommit['passages'][number], 'entry'>[]
  readonly newBlocks?: readonly Block[]
  /** Changes of facts, with what was known of their slots. */
  readonly facts?: { readonly writes: readonly FactWrite[]; readonly known: readonly StatedFact[] }
  /** The edit as it waits for a person, instead of the edit. */
  readonly proposal?: JsonObject
}

function currentBlocks({ parts, scope, work }: ActiveTurn): Promise<readonly Block[]> {
  return parts.store.listAgentBlocks(scope, { agentId: work.agent.id })
}

/** What the model was shown of the blocks that somebody else changed since, where it is still stored. */
async function seenValues(
  { parts, scope }: ActiveTurn,
  prefix: PromptPrefix | null,
  blocks: readonly Block[],
): Promise<SeenValues> {
  const seen: Record<string, string> = {}
  for (const { id, version } of blocks) {
    const shown = prefix?.shown[id]?.version ?? version
    if (shown === version) continue
    const query = { id, limit: 1, beforeVersion: shown + 1 }
    const [state] = await parts.store.listBlockVersions(scope, query)
    if (state?.version === shown) seen[id] = state.value
  }
  return seen
}

async function computeEdit(
  turn: ActiveTurn,
  { outcome: { tool, input }, prefix }: EditRequest,
  blocks: readonly Block[],
): Promise<Draft> {
  const seen = await seenValues(turn, prefix, blocks)
  try {
    const facts = await factSnapshot(turn, tool, input)
    const now = turn.parts.clock.now()
    const wanted = tool.edit(input, { blocks, seen, now, ...(facts !== null && { facts }) })
    const edit = await withSources(turn, await admitEdit(turn, wanted))
    const passages = edit.passages.map(({ repeats = [], ...draft }) => ({
      passage: toPassage(turn, draft),
      repeats,
    }))
    // Without passages the text may hold the placeholder as a user's words.
    const ids = namePassages(passages.map(({ passage }) => passage.id))
    const text = ids === '' ? edit.text : edit.text.replace(passageIdPlaceholder, () => ids)
    const result: JournaledReturn = {
      status: 'success',
      text: cutReturn(turn, tool, text),
      stdout: null,
      stderr: null,
    }
    const review = reviewOf(turn, edit, blocks)
    if (review !== null && changesMemory(edit)) {
      return { result: { ...result, text: review }, proposal: toProposal(edit, blocks) }
    }
    const newBlocks = (edit.newBlocks ?? []).map((draft) => toBlock(turn, draft))
    const writes = edit.facts?.edits.map((each) => toFactWrite(each, factWriting(turn)))
    return {
      result,
      edit,
      blocks,
      passages,
      newBlocks,
      ...(writes !== undefined && { facts: { writes, known: facts?.known ?? [] } }),
    }
  } catch (error) {
    return { result: errorReturn(executionError(tool.name, error)) }
  }
}

/** An edit whose facts name the messages they were taken from, also those that were recalled. */
async function withSources(turn: ActiveTurn, edit: MemoryEdit): Promise<MemoryEdit> {
  const { facts } = edit
  if (facts === undefined) return edit
  return { ...edit, facts: { ...facts, edits: await withRecalledSources(turn, facts.edits) } }
}

/** What the model reads when an edit waits for a person; null = it is made. */
function reviewOf(turn: ActiveTurn, edit: MemoryEdit, blocks: readonly Block[]): string | null {
  if (edit.needsReview === true) return unsaidText
  if (turn.work.agent.memoryMode === 'review') return proposedText
  return bringsToolWords(turn, edit, blocks) ? toolWordsText : null
}

async function commit(
  turn: ActiveTurn,
  { entry, finish, prefix, end, wait }: ToolCommitRequest,
  draft: Draft,
): Promise<StoredToolResult> {
  const { parts, scope, lease, work } = turn
  const last = finish(draft.result)
  const nextPrefix = prefixAfter(turn, prefix, draft)
  const command: ToolCommit = {
    lease,
    stepId: entry.stepId,
    index: entry.index,
    result: draft.result,
    ...editsOf(turn, draft),
    cause: {
      actor: { kind: 'agent', id: work.agent.id },
      reason: entry.name,
      sourceMessageIds: turnMessageIds(work),
    },
    ...finishOf(last),
    prefix: nextPrefix,
    end,
    ...(wait !== undefined && { wait }),
    at: parts.clock.now(),
  }
  const stored = await parts.store.commitTool(scope, command)
  publishCommit(turn, stored)
  const { item, released } = stored
  return { result: draft.result, item, prefix: nextPrefix ?? prefix, released }
}

function finishOf(
  last: StepFinish | null,
): Pick<ToolCommit, 'toolMessage' | 'position' | 'events'> {
  if (last === null) return { toolMessage: null, position: null, events: [] }
  return { toolMessage: last.message, position: last.position, events: last.events }
}

/** What a draft writes to memory, or proposes. */
function editsOf(
  turn: ActiveTurn,
  { edit, newBlocks = [], passages = [], facts, proposal }: Draft,
): Pick<
  ToolCommit,
  'blockEdits' | 'newBlocks' | 'detachedBlocks' | 'passages' | 'facts' | 'archive' | 'proposal'
> {
  return {
    blockEdits: edit?.blocks ?? [],
    newBlocks,
    detachedBlocks: edit?.detachedBlocks ?? [],
    passages: passages.map((each) => ({
      ...each,
      entry: passageEntry(each.passage, turn.work.agent),
    })),
    archive: passages.length > 0 ? newArchive(turn) : null,
    ...(facts !== undefined && { facts: facts.writes }),
    ...(proposal !== undefined && { proposal }),
  }
}

/** The return shows what the blocks are now, so the reader of the prompt has seen them; null = it shows none. */
function prefixAfter(
  turn: ActiveTurn,
  prefix: PromptPrefix | null,
  draft: Draft,
): PromptPrefix | null {
  const { edit, blocks = [], newBlocks = [], facts } = draft
  if (prefix === null || edit === undefined) return null
  if (facts !== undefined && facts.writes.length > 0) {
    return { ...prefix, shownFacts: shownFactsAfter(turn, prefix, facts) }
  }
  const detached = new Set((edit.detachedBlocks ?? []).map(({ blockId }) => blockId))
  if (edit.blocks.length + newBlocks.length + detached.size === 0) return null
  const shown = Object.entries(prefix.shown).filter(([id]) => !detached.has(id))
  for (const { blockId, expectedVersion, label } of edit.blocks) {
    const named = label ?? blocks.find((block) => block.id === blockId)?.label
    if (named !== undefined) shown.push([blockId, { label: named, version: expectedVersion + 1 }])
  }
  for (const { id, label } of newBlocks) shown.push([id, { label, version: 1 }])
  return { ...prefix, shown: Object.fromEntries(shown) }
}

function toBlock({ parts, scope }: ActiveTurn, draft: NewBlockDraft): Block {
  const id = newIdentifier(parts.ids, 'block')
  return newBlock(draft, { id, at: parts.clock.now(), userId: scope.userId })
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
    metadata: pieceMetadata(draft.piece ?? null),
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

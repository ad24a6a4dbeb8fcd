import type { Block } from '../../domain/block.ts'
import { changeName, type MemoryChange, type MemoryState } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { describeChange, textOf } from '../../memory/versions/describe-change.ts'
import { diffFields } from '../../memory/versions/diff-fields.ts'
import { blameLines, diffLines } from '../../memory/versions/diff-lines.ts'
import type { MemoryChangeQuery } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import {
  changesAbout,
  type ItemOfAgent,
  readFactsAt,
  readItemAt,
  readItemTexts,
  readSlotChanges,
  subjectOf,
  toPastItem,
} from './item-history.ts'
import { type HistorySource, readBlockVersions, readChanges } from './read-changes.ts'
import type { BlameEntry, ChangeDiff, DescribedChange, PastItem } from './memory-views.ts'

type HistoryParts = Pick<AppParts, 'store'>

/** What an item was before and after a change. */
export interface ChangeStates {
  readonly before: MemoryState | null
  readonly after: MemoryState | null
}

/** Changes in words. An item may be a block's label, or what facts are about: then of all values they had. */
export async function listHistory(
  parts: HistoryParts,
  scope: TenantScope,
  { item, ...query }: Omit<MemoryChangeQuery, 'itemId'> & { readonly item?: string },
): Promise<readonly DescribedChange[]> {
  const itemId = item === undefined ? undefined : await findItem(parts, scope, { ...query, item })
  const isSlot = itemId !== undefined && itemId !== item && subjectOf(itemId) === 'fact'
  const changes = isSlot
    ? await readSlotChanges(parts, scope, { ...query, about: item ?? '' })
    : await parts.store.listMemoryChanges(scope, {
        ...query,
        ...(itemId !== undefined && { itemId }),
      })
  return await describeChanges(parts, scope, { agentId: query.agentId, changes })
}

/** Adds to changes what they did. */
export async function describeChanges(
  parts: HistoryParts,
  scope: TenantScope,
  { agentId, changes }: { readonly agentId: string; readonly changes: readonly MemoryChange[] },
): Promise<readonly DescribedChange[]> {
  const states = await readStates(parts, scope, { agentId, changes })
  return changes.map((change, index) => ({
    change,
    note: describeChange(change, states[index] ?? { before: null, after: null }),
  }))
}

/** What the items of changes were before and after them. */
export async function readStates(
  { store }: HistoryParts,
  scope: TenantScope,
  { agentId, changes }: { readonly agentId: string; readonly changes: readonly MemoryChange[] },
): Promise<readonly ChangeStates[]> {
  const versions = changes.flatMap(({ subject, itemId, version }) => [
    { subject, itemId, version: version - 1 },
    { subject, itemId, version },
  ])
  const states = await store.getMemoryStates(scope, { agentId, versions })
  return changes.map(({ action }, index) => ({
    before: action === 'create' || isLink(action) ? null : (states[2 * index] ?? null),
    after: action === 'delete' ? null : (states[2 * index + 1] ?? null),
  }))
}

function isLink(action: MemoryChange['action']): boolean {
  return action === 'attach' || action === 'detach'
}

/** One change of an agent; `not_found`. */
export async function readChange(
  { store }: HistoryParts,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<MemoryChange> {
  const [change] = await store.listMemoryChanges(scope, { agentId, number, limit: 1 })
  if (change !== undefined) return change
  throw new AppError(
    'not_found',
    `Cannot find the change ${changeName(number)}: the history of this agent's memory has none of this name. List the history.`,
  )
}

/** One change line by line. */
export async function diffChange(
  parts: HistoryParts,
  scope: TenantScope,
  which: { readonly agentId: string; readonly number: number },
): Promise<ChangeDiff> {
  const change = await readChange(parts, scope, which)
  const [states = { before: null, after: null }] = await readStates(parts, scope, {
    agentId: which.agentId,
    changes: [change],
  })
  const note = describeChange(change, states)
  const before = isLink(change.action) ? states.after : states.before
  const lines = diffLines(textOf(before), textOf(states.after))
  return { change, note, lines, fields: diffFields(before, states.after) }
}

/** The lines of a block, passage or fact, each with the change and the user's words that caused it. */
export async function blameItem(
  parts: HistorySource,
  scope: TenantScope,
  { agentId, item }: { readonly agentId: string; readonly item: string },
): Promise<readonly BlameEntry[]> {
  const { store } = parts
  const itemId = await findItem(parts, scope, { agentId, item })
  const lines = blameLines(await readTexts(parts, scope, { agentId, itemId }))
  const sources = new Set(lines.flatMap(({ version }) => version.sourceMessageIds))
  const messages = await store.getMessages(scope, { ids: [...sources] })
  const said = messages.filter(({ role }) => role === 'user')
  return lines.map(({ text, version }) => ({
    line: text,
    change: version.change,
    quotes: said
      .filter(({ id }) => version.sourceMessageIds.includes(id))
      .map((message) => ({
        messageId: message.id,
        text: message.content
          .flatMap((part) => (part.type === 'text' ? [part.text] : []))
          .join(' '),
        at: message.createdAt,
      })),
  }))
}

/** A text that an item had, with what it came from; the change is null when it is not in the history any more. */
interface BlamedText {
  readonly value: string
  readonly change: MemoryChange | null
  readonly sourceMessageIds: readonly string[]
}

/** The texts that an item had, oldest first. Those of a block are there when their changes are not. */
async function readTexts(
  parts: HistorySource,
  scope: TenantScope,
  item: ItemOfAgent,
): Promise<readonly BlamedText[]> {
  if (subjectOf(item.itemId) !== 'block') {
    const texts = await readItemTexts(parts, scope, item)
    return texts.map((text) => ({ ...text, sourceMessageIds: text.change.sourceMessageIds }))
  }
  const versions = await readBlockVersions(parts, scope, item.itemId)
  const byVersion = new Map<number, MemoryChange>()
  for await (const change of readChanges(parts, scope, item)) {
    if (!isLink(change.action)) byVersion.set(change.version, change)
  }
  return versions.map(({ value, version, sourceMessageIds }) => {
    return { value, sourceMessageIds, change: byVersion.get(version) ?? null }
  })
}

/** A block, passage or fact as it was at a time, in a list; of what facts are about, those that held. Empty = there was none. */
export async function itemAt(
  parts: HistorySource,
  scope: TenantScope,
  {
    agentId,
    item,
    time,
  }: { readonly agentId: string; readonly item: string; readonly time: number },
): Promise<readonly PastItem[]> {
  const itemId = await findItem(parts, scope, { agentId, item })
  if (subjectOf(itemId) === 'block') {
    const blocks = await blocksAt(parts, scope, { agentId, time })
    return blocks.filter(({ id }) => id === itemId)
  }
  if (item !== itemId) return await readFactsAt(parts, scope, { agentId, time, about: item })
  const state = await readItemAt(parts, scope, { agentId, itemId, time })
  return state === null ? [] : [toPastItem(itemId, state)]
}

/** What an agent had in memory at a time, but for its archive: blocks, then facts that held and instructions that stood. */
export async function memoryAt(
  parts: HistorySource,
  scope: TenantScope,
  when: { readonly agentId: string; readonly time: number },
): Promise<readonly PastItem[]> {
  return [
    ...(await blocksAt(parts, scope, when)),
    ...(await readFactsAt(parts, scope, { ...when, about: null })),
  ]
}

/** The blocks an agent had at a time: those it has now, with all later changes taken back. */
async function blocksAt(
  parts: HistorySource,
  scope: TenantScope,
  { agentId, time }: { readonly agentId: string; readonly time: number },
): Promise<readonly PastItem[]> {
  const { store } = parts
  const now = await store.listAgentBlocks(scope, { agentId })
  const versions = new Map(now.map(({ id, version }) => [id, version]))
  const present = new Set(versions.keys())
  for await (const change of readChanges(parts, scope, { agentId, since: time })) {
    const { subject, itemId, action, version, agentId: whose } = change
    if (subject !== 'block') continue
    versions.set(itemId, isLink(action) ? version : version - 1)
    if (action === 'create') present.delete(itemId)
    else if (whose === agentId && action === 'attach') present.delete(itemId)
    else if (whose === agentId && action !== 'edit') present.add(itemId)
  }
  const wanted = [...present].map((itemId) => ({
    subject: 'block' as const,
    itemId,
    version: versions.get(itemId) ?? 0,
  }))
  const states = await store.getMemoryStates(scope, { agentId, versions: wanted })
  return states.flatMap((state) =>
    state?.subject === 'block' ? [toPastItem(state.block.id, state)] : [],
  )
}

/**
 * The identifier of an item that is named by it, of a block by its label now or, failing that, its last one, or of the fact
 * that was changed last by what it is about.
 */
export async function findItem(
  parts: HistorySource,
  scope: TenantScope,
  { agentId, item }: { readonly agentId: string; readonly item: string },
): Promise<string> {
  if (/^(?:block|passage|fact)-[0-9a-f-]{36}$/.test(item)) return item
  const blocks: readonly Block[] = await parts.store.listAgentBlocks(scope, { agentId })
  const block = blocks.find(({ label }) => label === item)
  if (block !== undefined) return block.id
  const isAbout = changesAbout(item)
  for await (const change of readChanges(parts, scope, { agentId })) {
    if (change.label === item || isAbout(change)) return change.itemId
  }
  const labels = blocks.map(({ label }) => JSON.stringify(label)).join(', ')
  throw new AppError(
    'not_found',
    `Cannot find the memory ${JSON.stringify(item)}: the agent has and had no block of this label, and no fact about it. Blocks: ${labels || 'none'}.`,
  )
}

import {
  changeName,
  type MemoryChange,
  type MemoryState,
  type MemorySubject,
} from '../../domain/memory-change.ts'
import { type Fact, slotText } from '../../domain/fact.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { labelKeyOf } from '../../memory/facts/fact-keys.ts'
import { textOf } from '../../memory/versions/describe-change.ts'
import type { MemoryChangeQuery } from '../../storage/contract/memory-store.ts'
import type { PastItem } from './memory-views.ts'
import { readAll } from '../../util/read-pages.ts'
import { type HistorySource, readChanges } from './read-changes.ts'

/** An item of an agent's memory by its identifier. */
export interface ItemOfAgent {
  readonly agentId: string
  readonly itemId: string
}

/** What an item was from one change on, with that change. */
export interface ItemText {
  readonly value: string
  readonly change: MemoryChange
}

/** What kind of thing an identifier names. */
export function subjectOf(itemId: string): MemorySubject {
  if (itemId.startsWith('passage-')) return 'passage'
  return itemId.startsWith('fact-') ? 'fact' : 'block'
}

/** A state of an item as a past one is shown. */
export function toPastItem(id: string, state: MemoryState): PastItem {
  const shared = { id, subject: state.subject, value: textOf(state), version: state.version }
  if (state.subject === 'block') {
    const { label, description } = state.block
    return { ...shared, label, description }
  }
  const label = 'fact' in state ? slotText(state.fact) : null
  return { ...shared, label, description: null }
}

/** How many facts are read at a time. */
const factPage = 500

/** The facts and instructions that were known at a time to hold then, the newest first; or only those about something. */
export async function readFactsAt(
  { store }: HistorySource,
  scope: TenantScope,
  {
    agentId,
    time,
    about,
  }: { readonly agentId: string; readonly time: number; readonly about: string | null },
): Promise<readonly PastItem[]> {
  const when = { agentId, validAt: time, knownAt: time, order: 'known', limit: factPage } as const
  const facts = await readAll<Fact>({
    limit: factPage,
    read: async (last) =>
      await store.listFacts(scope, { ...when, ...(last !== undefined && { after: last.id }) }),
  })
  const key = about === null ? null : labelKeyOf(about)
  return facts
    .filter((fact) => key === null || labelKeyOf(slotText(fact)) === key)
    .map((fact) => toPastItem(fact.id, { subject: fact.kind, version: fact.version, fact }))
}

/**
 * Tells whether changes are of a fact about something, however that was worded; of `instruction` are all instructions. What
 * it is about is taken apart once for all of them.
 */
export function changesAbout(about: string): (change: MemoryChange) => boolean {
  const key = labelKeyOf(about)
  return ({ subject, label }) => {
    const isFact = subject === 'fact' || subject === 'instruction'
    return isFact && label !== null && labelKeyOf(label) === key
  }
}

/** The changes of all facts about something, newest first. Throws as `listMemoryChanges` does. */
export async function readSlotChanges(
  source: HistorySource,
  scope: TenantScope,
  { about, limit, ...which }: MemoryChangeQuery & { readonly about: string },
): Promise<readonly MemoryChange[]> {
  const found: MemoryChange[] = []
  const isAbout = changesAbout(about)
  for await (const change of readChanges(source, scope, which)) {
    if (isAbout(change)) found.push(change)
    if (found.length === limit) break
  }
  return found
}

/**
 * The texts that a passage or fact had, oldest first, without those whose words are stored no more. `not_found` when there is
 * none, or when it is gone by now.
 */
export async function readItemTexts(
  source: HistorySource,
  scope: TenantScope,
  { agentId, itemId }: ItemOfAgent,
): Promise<readonly ItemText[]> {
  const changes: MemoryChange[] = []
  for await (const change of readChanges(source, scope, { agentId, itemId })) changes.push(change)
  const [newest] = changes
  if (newest === undefined) throw unknownItem(itemId)
  if (newest.action === 'delete') throw goneItem(itemId, newest)
  const lasting = changes.toReversed().filter(({ action }) => action !== 'delete')
  const states = await source.store.getMemoryStates(scope, {
    agentId,
    versions: lasting.map(({ subject, version }) => ({ subject, itemId, version })),
  })
  return lasting.flatMap((change, index) => {
    const state = states[index] ?? null
    return state === null ? [] : [{ value: textOf(state), change }]
  })
}

/** What a passage or fact was at a time; null = it was not there, or nothing is stored of it. */
export async function readItemAt(
  source: HistorySource,
  scope: TenantScope,
  { agentId, itemId, time }: ItemOfAgent & { readonly time: number },
): Promise<MemoryState | null> {
  for await (const change of readChanges(source, scope, { agentId, itemId })) {
    if (change.createdAt > time) continue
    if (change.action === 'delete') return null
    const { subject, version } = change
    const versions = [{ subject, itemId, version }]
    const [state = null] = await source.store.getMemoryStates(scope, { agentId, versions })
    return state
  }
  return null
}

function unknownItem(itemId: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the memory ${itemId}: the agent's history names none of this id. List the history.`,
  )
}

function goneItem(itemId: string, { number }: MemoryChange): AppError {
  return new AppError(
    'not_found',
    `Cannot find the memory ${itemId}: ${changeName(number)} removed it. Look at that change, or take it back.`,
  )
}

import { type Passage, untrustedOrigins } from '../../domain/archive.ts'
import { type Fact, isTrusted } from '../../domain/fact.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { toFactWrite } from '../../memory/facts/fact-write.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import type { AppParts } from '../app-parts.ts'
import type { DescribedChange } from './memory-views.ts'
import { currentPassage } from './passage-undo.ts'
import { type PartialWrite, writeMemory } from './write-memory.ts'

/** Something that a tool or the web told. It is stored and found when looked for, and goes into no prompt by itself. */
export type HeldBack =
  | { readonly subject: 'passage'; readonly passage: Passage }
  | { readonly subject: 'fact'; readonly fact: Fact }

/** What waits until a person trusts it. Every operation: `not_found` for an unknown agent. */
export interface Quarantine {
  /** Facts, then passages, newest first. */
  list(scope: TenantScope, agentId: string, limit: number): Promise<readonly HeldBack[]>
  /** Trusts a passage or fact as if the user had said it; can be undone. `not_found` when it does not wait. */
  approve(scope: TenantScope, agentId: string, itemId: string): Promise<readonly DescribedChange[]>
  /** Takes it out of memory; can be undone. `not_found` when it does not wait. */
  discard(scope: TenantScope, agentId: string, itemId: string): Promise<readonly DescribedChange[]>
}

/** Makes the quarantine of agents' memories. */
export function createQuarantine(parts: AppParts): Quarantine {
  const decide =
    (reason: string, plan: typeof planApproval) =>
    (scope: TenantScope, agentId: string, itemId: string): Promise<readonly DescribedChange[]> =>
      writeMemory(parts, scope, {
        agentId,
        reason,
        plan: () => plan(parts, scope, { agentId, itemId }),
      })
  return {
    list: (scope, agentId, limit) => listHeldBack(parts, scope, { agentId, limit }),
    approve: decide('approve', planApproval),
    discard: decide('discard', planDiscard),
  }
}

interface HeldItem {
  readonly agentId: string
  readonly itemId: string
}

async function listHeldBack(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, limit }: { readonly agentId: string; readonly limit: number },
): Promise<readonly HeldBack[]> {
  const facts = await store.listFacts(scope, {
    agentId,
    origins: untrustedOrigins,
    order: 'newest',
    limit,
  })
  const query = { agentId, untrusted: true, order: 'desc', limit } as const
  const passages = await store.listPassages(scope, query)
  const all: readonly HeldBack[] = [
    ...facts.map((fact) => ({ subject: 'fact', fact }) as const),
    ...passages.map((passage) => ({ subject: 'passage', passage }) as const),
  ]
  return all.slice(0, limit)
}

async function planApproval(
  parts: AppParts,
  scope: TenantScope,
  item: HeldItem,
): Promise<PartialWrite> {
  const { timezone } = await parts.store.getAgent(scope, { id: item.agentId })
  const fact = await heldFact(parts, scope, item)
  if (fact !== null) {
    const edit = { action: 'edit', before: fact, set: { origin: 'user' } } as const
    return { facts: [toFactWrite(edit, { timezone, newId: () => fact.id })] }
  }
  const { passage, version: expectedVersion } = await heldPassage(parts, scope, item)
  const { id: passageId, text, tags } = passage
  const entry = passageEntry(passage, { timezone })
  return { passageEdits: [{ passageId, expectedVersion, text, tags, origin: 'user', entry }] }
}

async function planDiscard(
  parts: AppParts,
  scope: TenantScope,
  item: HeldItem,
): Promise<PartialWrite> {
  const fact = await heldFact(parts, scope, item)
  if (fact !== null) {
    return { facts: [{ action: 'delete', factId: fact.id, expectedVersion: fact.version }] }
  }
  const { passage, version: expectedVersion } = await heldPassage(parts, scope, item)
  return { deletedPassages: [{ passageId: passage.id, expectedVersion }] }
}

/** The fact of an identifier that waits; null when the identifier is that of a passage. */
async function heldFact(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, itemId }: HeldItem,
): Promise<Fact | null> {
  if (!itemId.startsWith('fact-')) return null
  const [fact] = await store.listFacts(scope, { agentId, ids: [itemId], limit: 1 })
  if (fact === undefined || isTrusted(fact.origin)) throw notHeld(itemId)
  return fact
}

async function heldPassage(
  parts: AppParts,
  scope: TenantScope,
  item: HeldItem,
): Promise<{ readonly passage: Passage; readonly version: number }> {
  const found = await currentPassage(parts, scope, item)
  if (found === null || isTrusted(found.passage.origin)) throw notHeld(item.itemId)
  return found
}

function notHeld(id: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find ${JSON.stringify(id)} among what waits for approval: there is no such text or fact, or it counts already. List what waits.`,
    { data: { kind: 'held back', id } },
  )
}

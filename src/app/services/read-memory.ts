import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { LintedMemory } from '../../memory/lint/lint-memory.ts'
import type { Store } from '../../storage/store.ts'
import { readPages } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'

/** How many passages are read at once. */
const pageSize = 500
/** The newest passages of an archive; what is older than these was looked at when it was newer. */
const newestPassages = 20_000

/** What {@link readMemory} needs. */
export interface MemorySource extends Pick<AppParts, 'store' | 'clock'> {
  /** How many of the newest passages are read. Default: 20,000. */
  readonly mostPassages?: number
}

/** What an agent remembers beside what was said: blocks, facts, and the newest passages, oldest first. `not_found`. */
export async function readMemory(
  { store, clock, mostPassages = newestPassages }: MemorySource,
  scope: TenantScope,
  agentId: string,
): Promise<LintedMemory> {
  const blocks = await store.listAgentBlocks(scope, { agentId })
  const [facts, passages, passageCount] = await Promise.all([
    store.listFacts(scope, { agentId, kind: 'fact', limit: Number.MAX_SAFE_INTEGER }),
    readPassages(store, scope, { agentId, mostPassages }),
    store.countPassages(scope, { agentId }),
  ])
  const unread = Math.max(0, passageCount - passages.length)
  return { blocks, passages, unread, facts, now: clock.now() }
}

async function readPassages(
  store: Store,
  scope: TenantScope,
  { agentId, mostPassages }: { readonly agentId: string; readonly mostPassages: number },
): Promise<readonly Passage[]> {
  const passages: Passage[] = []
  const limit = Math.min(pageSize, mostPassages)
  const pages = readPages<Passage>({
    limit,
    read: async (oldest) =>
      await store.listPassages(scope, {
        agentId,
        limit,
        order: 'desc',
        ...(oldest !== undefined && { before: oldest.id }),
      }),
  })
  for await (const page of pages) {
    passages.push(...page)
    if (passages.length >= mostPassages) break
  }
  return passages.slice(0, mostPassages).toReversed()
}

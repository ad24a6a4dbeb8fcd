import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { LintedMemory } from '../../memory/lint/lint-memory.ts'
import type { Store } from '../../storage/store.ts'
import type { AppParts } from '../app-parts.ts'

/** How many passages are read at once. */
const pageSize = 500
/** The newest passages of an archive; what is older than these was looked at when it was newer. */
const mostPassages = 20_000
/** More facts than a person states. */
const mostFacts = 10_000

/** What an agent remembers beside what was said: blocks, facts, and passages oldest first. `not_found`. */
export async function readMemory(
  { store, clock }: Pick<AppParts, 'store' | 'clock'>,
  scope: TenantScope,
  agentId: string,
): Promise<LintedMemory> {
  const blocks = await store.listAgentBlocks(scope, { agentId })
  const [facts, passages] = await Promise.all([
    store.listFacts(scope, { agentId, kind: 'fact', limit: mostFacts }),
    readPassages(store, scope, agentId),
  ])
  return { blocks, passages, facts, now: clock.now() }
}

async function readPassages(
  store: Store,
  scope: TenantScope,
  agentId: string,
): Promise<readonly Passage[]> {
  const passages: Passage[] = []
  while (passages.length < mostPassages) {
    const oldest = passages.at(-1)
    const page = await store.listPassages(scope, {
      agentId,
      limit: pageSize,
      order: 'desc',
      ...(oldest !== undefined && { before: oldest.id }),
    })
    passages.push(...page)
    if (page.length < pageSize) break
  }
  return passages.toReversed()
}

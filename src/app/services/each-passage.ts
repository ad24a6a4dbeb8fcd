import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { AppParts } from '../app-parts.ts'

/** How many passages are read at a time. */
const pageSize = 500

/** Every passage of an agent's archive, oldest first, however many there are. `not_found` for the agent. */
export async function* eachPassage(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  agentId: string,
): AsyncGenerator<Passage, void> {
  let after: string | undefined
  for (;;) {
    const place = after === undefined ? {} : { after }
    const query = { agentId, limit: pageSize, order: 'asc', ...place } as const
    const page = await store.listPassages(scope, query)
    yield* page
    after = page.at(-1)?.id
    if (page.length < pageSize) return
  }
}

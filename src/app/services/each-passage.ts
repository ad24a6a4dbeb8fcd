import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { readPages } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'

/** How many passages are read at a time. */
const pageSize = 500

/** Every passage of an agent's archive, oldest first, however many there are. `not_found` for the agent. */
export async function* eachPassage(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  agentId: string,
): AsyncGenerator<Passage, void> {
  const pages = readPages<Passage>({
    limit: pageSize,
    read: async (last) =>
      await store.listPassages(scope, {
        agentId,
        limit: pageSize,
        order: 'asc',
        ...(last !== undefined && { after: last.id }),
      }),
  })
  for await (const page of pages) yield* page
}

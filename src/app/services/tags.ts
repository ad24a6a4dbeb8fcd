import type { TenantScope } from '../../domain/scope.ts'
import { readPages } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'

/** Which tags to list. */
export interface TagQuery {
  /** Part of the tag, without regard to case. */
  readonly contains: string | null
  readonly order: 'asc' | 'desc'
  readonly after: string | null
  readonly before: string | null
  readonly limit: number
}

/** The tags in use. */
export interface TagService {
  /** The tags of agents and blocks, each once, alphabetical; cursors are tags. */
  list(scope: TenantScope, query: TagQuery): Promise<readonly string[]>
}

/** How many agents or blocks are read at once. */
const batch = 500

/** Makes the service of tags. */
export function createTagService({ store }: Pick<AppParts, 'store'>): TagService {
  return {
    async list(scope, query) {
      const tags = new Set<string>()
      const agents = pages((after) =>
        store.listAgents(scope, {
          filter: { includeHidden: true },
          page: { ...page(after), orderBy: 'createdAt' },
        }),
      )
      for await (const agent of agents) agent.tags.forEach((tag) => tags.add(tag))
      const blocks = pages((after) =>
        store.listBlocks(scope, { filter: { includeHidden: true }, page: page(after) }),
      )
      for await (const block of blocks) block.tags.forEach((tag) => tags.add(tag))
      return select([...tags], query)
    },
  }
}

function page(after: string | undefined): { limit: number; order: 'asc'; after?: string } {
  return { limit: batch, order: 'asc', ...(after !== undefined && { after }) }
}

async function* pages<Item extends { readonly id: string }>(
  read: (after: string | undefined) => Promise<readonly Item[]>,
): AsyncGenerator<Item, void, undefined> {
  const all = readPages<Item>({ limit: batch, read: async (last) => await read(last?.id) })
  for await (const items of all) yield* items
}

function select(tags: readonly string[], query: TagQuery): readonly string[] {
  const { contains, after, before } = query
  const direction = query.order === 'asc' ? 1 : -1
  const compare = (left: string, right: string): number =>
    left === right ? 0 : (left < right ? -1 : 1) * direction
  return tags
    .filter((tag) => contains === null || tag.toLowerCase().includes(contains.toLowerCase()))
    .filter((tag) => after === null || compare(tag, after) > 0)
    .filter((tag) => before === null || compare(tag, before) < 0)
    .toSorted(compare)
    .slice(0, query.limit)
}

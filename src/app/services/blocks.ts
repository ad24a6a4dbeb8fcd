import type { Block } from '../../domain/block.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { BlockFilter } from '../../storage/contract/block-store.ts'
import type { Page } from '../../storage/contract/page.ts'
import type { IdSource } from '../../util/id-source.ts'
import type { BlockDraft } from '../../wire/block.ts'
import type { AppParts } from '../app-parts.ts'
import { withDescription } from './base-memory.ts'
import { userChange } from './change-cause.ts'
import { checkBlockLimit } from './check-block.ts'

/** Blocks of core memory. */
export interface BlockService {
  /** `block_limit_exceeded`. */
  create(scope: TenantScope, draft: BlockDraft): Promise<Block>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Block>
  /** Blocks that pass the filter. */
  list(
    scope: TenantScope,
    query: { readonly filter: BlockFilter; readonly page: Page },
  ): Promise<readonly Block[]>
  /** Changes what is given. `not_found`, `block_limit_exceeded`, `conflict` when a new label is taken. */
  update(scope: TenantScope, id: string, changes: Partial<BlockDraft>): Promise<Block>
  /** Removes a block and detaches it from every agent. */
  delete(scope: TenantScope, id: string): Promise<void>
  /** The blocks of an agent in prompt order. */
  listOfAgent(scope: TenantScope, agentId: string): Promise<readonly Block[]>
  /** The block of an agent with this label; `not_found`. */
  getOfAgent(scope: TenantScope, agentId: string, label: string): Promise<Block>
}

/** Makes the service of blocks. */
export function createBlockService({ store, ids, clock }: AppParts): BlockService {
  return {
    async create(scope, draft) {
      const block = newBlock(ids, { draft, userId: scope.userId, at: clock.now() })
      return await store.createBlock(scope, { block, cause: userChange(scope, 'POST /v1/blocks') })
    },
    get: (scope, id) => store.getBlock(scope, { id }),
    list: (scope, query) => store.listBlocks(scope, query),
    async update(scope, id, changes) {
      const current = await store.getBlock(scope, { id })
      checkBlockLimit({ ...current, ...changes })
      const limited = changes.value !== undefined || changes.limit !== undefined
      return await store.updateBlock(scope, {
        id,
        at: clock.now(),
        cause: userChange(scope, 'PATCH /v1/blocks'),
        ...(limited && { expectedVersion: current.version }),
        set: {
          ...changes,
          ...(changes.extra !== undefined && { extra: { ...current.extra, ...changes.extra } }),
        },
      })
    },
    delete: (scope, id) => store.deleteBlock(scope, { id, at: clock.now() }),
    listOfAgent: (scope, agentId) => store.listAgentBlocks(scope, { agentId }),
    async getOfAgent(scope, agentId, label) {
      const blocks = await store.listAgentBlocks(scope, { agentId })
      const block = blocks.find((candidate) => candidate.label === label)
      if (block !== undefined) return block
      throw new AppError('not_found', `Block not found with label=${label} on agent ${agentId}`)
    },
  }
}

/**
 * A block from a draft, with its default description.
 *
 * @throws AppError `block_limit_exceeded`.
 */
export function newBlock(
  ids: IdSource,
  {
    draft,
    userId,
    at,
  }: { readonly draft: BlockDraft; readonly userId: string; readonly at: number },
): Block {
  checkBlockLimit(draft)
  return {
    id: newIdentifier(ids, 'block'),
    ...withDescription(draft),
    version: 1,
    createdAt: at,
    updatedAt: at,
    createdById: userId,
    updatedById: userId,
  }
}

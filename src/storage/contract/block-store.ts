import type { Block, BlockVersion, ChangeCause } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Page } from './page.ts'

/** Blocks with their history. */
export interface BlockStore {
  /** Stores a block at version 1. */
  createBlock(
    scope: TenantScope,
    input: { readonly block: Block; readonly cause: ChangeCause },
  ): Promise<Block>
  /** `not_found` when there is none. */
  getBlock(scope: TenantScope, input: { readonly id: string }): Promise<Block>
  /** The blocks of one agent in prompt order. `not_found` when there is no such agent. */
  listAgentBlocks(
    scope: TenantScope,
    input: { readonly agentId: string },
  ): Promise<readonly Block[]>
  /** The blocks of several agents, by agent id, each in prompt order; agents that do not exist are left out. */
  listBlocksOfAgents(
    scope: TenantScope,
    input: { readonly agentIds: readonly string[] },
  ): Promise<Readonly<Record<string, readonly Block[]>>>
  /** Blocks that pass the filter, by creation time, ties by id. */
  listBlocks(
    scope: TenantScope,
    input: { readonly filter: BlockFilter; readonly page: Page },
  ): Promise<readonly Block[]>
  /**
   * Changes the fields that are present and adds a version; without an effective change nothing is written.
   * `not_found`; `conflict` when `expectedVersion` is given and is not the current one, or when a new label is taken
   * on an agent that has the block.
   */
  updateBlock(scope: TenantScope, input: BlockPatch): Promise<Block>
  /**
   * Removes a block and its attachments; what it was stays in the history of the agents that had it until it is
   * forgotten. `not_found` when there is none.
   */
  deleteBlock(
    scope: TenantScope,
    input: {
      readonly id: string
      /** The time of the change. Default: when the block was last changed. */
      readonly at?: number
    },
  ): Promise<void>
  /** The history of a block, newest first. `not_found` when there is none. */
  listBlockVersions(
    scope: TenantScope,
    input: { readonly id: string; readonly limit: number; readonly beforeVersion?: number },
  ): Promise<readonly BlockVersion[]>
}

/** Which blocks to list; absent fields do not filter. */
export interface BlockFilter {
  readonly ids?: readonly string[]
  readonly label?: string
  readonly labelContains?: string
  readonly descriptionContains?: string
  readonly valueContains?: string
  readonly tags?: readonly string[]
  readonly matchAllTags?: boolean
  readonly includeHidden?: boolean
  /** Number of agents that have the block attached. */
  readonly agentCount?: {
    readonly min?: number
    readonly max?: number
    readonly oneOf?: readonly number[]
  }
  /** Wire fields kept in `extra` that must be equal, such as `project_id`. */
  readonly extra?: Readonly<Record<string, string | boolean>>
}

/** The changeable fields of a block. */
export interface BlockPatch {
  readonly id: string
  readonly expectedVersion?: number
  readonly at: number
  readonly cause: ChangeCause
  readonly set: Partial<
    Pick<
      Block,
      | 'label'
      | 'value'
      | 'limit'
      | 'description'
      | 'readOnly'
      | 'metadata'
      | 'tags'
      | 'hidden'
      | 'extra'
    >
  >
}

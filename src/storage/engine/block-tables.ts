import type { Block, BlockVersion } from '../../domain/block.ts'
import { Table } from './table.ts'

/** The table of blocks as they are now. */
export const blockTable = new Table<Block>({
  name: 'blocks',
  columns: {
    id: 'text',
    label: 'text',
    value: 'text',
    limit: 'integer',
    description: 'text',
    readOnly: 'boolean',
    metadata: 'json',
    tags: 'json',
    hidden: 'boolean',
    extra: 'json',
    version: 'integer',
    createdAt: 'integer',
    updatedAt: 'integer',
    createdById: 'text',
    updatedById: 'text',
  },
})

/** The table of every state a block had. */
export const blockVersionTable = new Table<BlockVersion>({
  name: 'block_versions',
  columns: {
    blockId: 'text',
    version: 'integer',
    label: 'text',
    value: 'text',
    description: 'text',
    limit: 'integer',
    readOnly: 'boolean',
    details: 'json',
    actor: 'json',
    reason: 'text',
    sourceMessageIds: 'json',
    createdAt: 'integer',
  },
})

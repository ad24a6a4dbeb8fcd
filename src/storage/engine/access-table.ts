import type { AccessKey } from '../../domain/access-key.ts'
import { Table } from './table.ts'

/** The table of keys. */
export const keyTable = new Table<Omit<AccessKey, 'tenantId'>>({
  name: 'access_keys',
  columns: {
    id: 'text',
    userId: 'text',
    name: 'text',
    role: 'text',
    agentIds: 'json',
    hint: 'text',
    createdAt: 'integer',
    lastUsedAt: 'integer',
    revokedAt: 'integer',
  },
  engineColumns: ['hash'],
})

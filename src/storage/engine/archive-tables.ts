import { type Archive, type Passage, untrustedOrigins } from '../../domain/archive.ts'
import { Table } from './table.ts'

/** The table of archives. */
export const archiveTable = new Table<Archive>({
  name: 'archives',
  columns: {
    id: 'text',
    name: 'text',
    description: 'text',
    metadata: 'json',
    embedding: 'text',
    createdAt: 'integer',
    updatedAt: 'integer',
    createdById: 'text',
  },
  engineColumns: ['passage_count'],
})

/** The origins that wait for approval, as a list of SQL. */
export const untrustedList = untrustedOrigins.map((origin) => `'${origin}'`).join(', ')

/** What a tool or the web told and nobody approved, among `passages s`; the words of its index. */
export const untrustedPassage = `s.origin IN (${untrustedList})`

/** The table of passages. */
export const passageTable = new Table<Passage>({
  name: 'passages',
  columns: {
    id: 'text',
    archiveId: 'text',
    text: 'text',
    tags: 'json',
    metadata: 'json',
    origin: 'text',
    sourceMessageIds: 'json',
    createdAt: 'integer',
    updatedAt: 'integer',
    createdById: 'text',
  },
  engineColumns: ['sequence'],
})

import type { Signal } from '../../domain/signal.ts'
import { Table } from './table.ts'

/** The table of signals. */
export const signalTable = new Table<Signal>({
  name: 'signals',
  columns: {
    id: 'text',
    conversationId: 'text',
    name: 'text',
    payload: 'json',
    createdAt: 'integer',
    consumedAt: 'integer',
  },
  engineColumns: ['sequence'],
})

import type { TurnStore } from '../contract/turn-store.ts'
import { selectOpenWork, toOpenWork } from '../engine/open-work.ts'
import type { Operation } from './operation.ts'

/** The conversations that have something to do, each with its oldest open turn; a paused one only when it is being run. */
export const listOpenWork: Operation<keyof Pick<TurnStore, 'listOpenWork'>> = async (
  connection,
  _scope,
  input,
) => {
  const { sql, values } = selectOpenWork(input)
  const rows = await connection.all(sql, ...values)
  return rows.map((row) => toOpenWork(row, (stored) => connection.leaseClock.fromStored(stored)))
}

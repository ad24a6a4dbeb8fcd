import type { TurnStore } from '../contract/turn-store.ts'
import { selectOpenWork, toOpenWork } from '../engine/open-work.ts'
import type { Operation } from './operation.ts'

/** The conversations that have something to do, each with its oldest open turn; a paused one only when it is being run. */
export const listOpenWork: Operation<keyof Pick<TurnStore, 'listOpenWork'>> = (
  connection,
  _scope,
  input,
) => {
  const { sql, values } = selectOpenWork(input)
  return connection.all(sql, ...values).map((row) => toOpenWork(row, (stored) => stored))
}

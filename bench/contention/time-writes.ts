import type { Store } from '../../src/storage/store.ts'
import { isWrite } from './is-write.ts'

/** A store that tells how long each operation that writes took, from its call until its commit was on disk. */
export function timeWrites(
  store: Store,
  onCommit: (operation: string, milliseconds: number) => void,
): Store {
  const timed = Object.entries(store).map(([name, value]: [string, unknown]) => {
    if (!isWrite(name) || typeof value !== 'function') return [name, value]
    const call = async (...input: unknown[]): Promise<unknown> => {
      const begun = performance.now()
      const result: unknown = await value(...input)
      onCommit(name, performance.now() - begun)
      return result
    }
    return [name, call]
  })
  // The same names with the same types: only time is taken on the way.
  return Object.fromEntries(timed) as Store
}

import type { Store } from '../storage/store.ts'

/** A store as another process on the same database sees it: with a name of its own as lease owner, and left open. */
export function asProcess(store: Store, owner: string, deadOwners: readonly string[] = []): Store {
  return {
    ...store,
    description: { ...store.description, owner },
    ownerState: (other) => Promise.resolve(deadOwners.includes(other) ? 'dead' : 'alive'),
    close: () => Promise.resolve(),
  }
}

import { operationKinds } from './operation-kinds.ts'
import type { Store, StoreLifecycle, StoreOperation } from './store.ts'

/** What runs the operations of a store somewhere. */
export interface StoreHost extends StoreLifecycle {
  /** Runs one operation; resolves once its effect is on disk. */
  call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown>
}

/** A store whose operations are run by a host. */
export function createStore(host: StoreHost): Store {
  const names = Object.keys(operationKinds) as StoreOperation[]
  const calls = names.map((name) => [
    name,
    (scope: unknown, input: unknown) => host.call(name, scope, input),
  ])
  const lifecycle: StoreLifecycle = {
    description: host.description,
    watch: (listener) => host.watch(listener),
    ownerState: (owner) => host.ownerState(owner),
    purge: (input) => host.purge(input),
    close: () => host.close(),
  }
  // operationKinds names every operation, and the engine's table gives each the types of the contract.
  return { ...(Object.fromEntries(calls) as Omit<Store, keyof StoreLifecycle>), ...lifecycle }
}

import { createStore } from '../storage/create-store.ts'
import type { Store } from '../storage/store.ts'

/** A store that knows which of its calls are still running. */
export interface TrackedStore {
  readonly store: Store
  /** Resolves once no call is running, nor any that was begun because another ended. */
  settled(): Promise<void>
}

/** Watches the calls of a store, so that a clock can stand still while a server works on them. */
export function trackCalls(store: Store): TrackedStore {
  const running = new Set<Promise<unknown>>()
  return {
    store: createStore({
      description: store.description,
      watch: (listener) => store.watch(listener),
      ownerState: (owner) => track(store.ownerState(owner)),
      purge: (input) => track(store.purge(input)),
      close: () => store.close(),
      // The input belongs to the operation of that name, as with every host of a store.
      call: (name, scope, input) =>
        track((store[name] as (scope: unknown, input: unknown) => Promise<unknown>)(scope, input)),
    }),
    async settled() {
      do {
        await Promise.allSettled(running)
        await nextTurn()
      } while (running.size > 0)
    },
  }

  async function track<Value>(call: Promise<Value>): Promise<Value> {
    running.add(call)
    try {
      return await call
    } finally {
      running.delete(call)
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

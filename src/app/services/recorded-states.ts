import type { SeenMemory } from '../../storage/contract/memory-store.ts'
import type { Store } from '../../storage/store.ts'

/** A store that notes which past versions were read from it, and what they were. */
export interface RecordedStates {
  readonly store: Store
  /** What was read so far, for the write that is made from it: it is refused once a forgetting has changed any of it. */
  seen(): SeenMemory
}

/** Makes a {@link RecordedStates} of a store. */
export function recordStates(store: Store): RecordedStates {
  const states: NonNullable<SeenMemory['states']>[number][] = []
  return {
    store: {
      ...store,
      async getMemoryStates(scope, input) {
        const read = await store.getMemoryStates(scope, input)
        states.push(
          ...input.versions.map((each, index) => ({ ...each, state: read[index] ?? null })),
        )
        return read
      },
    },
    seen: () => ({ blocks: [], passages: [], facts: [], states }),
  }
}

import type { Store } from '../store.ts'
import { type Canary, createCanary } from './canary.ts'
import { World } from './world.ts'

/**
 * Canaries of one store for operations that change them. Filling one takes longer than most operations, so each serves for as
 * long as what was done to it leaves the next operation something to do.
 */
export class CanarySupply {
  readonly #store: Store
  #used: Canary | null = null

  constructor(store: Store) {
    this.#store = store
  }

  /** What an attempt comes to on a canary that others had before, or, where it fails there, on a new one. */
  async attempt<Result>(run: (canary: Canary) => Promise<Result>): Promise<Result> {
    const used = this.#used
    const outcome = used === null ? null : await settle(run(used))
    if (outcome?.status === 'fulfilled') return outcome.value
    // What an earlier operation has changed is no failure of this one; on a new canary every failure is.
    const fresh = await createCanary(new World(this.#store))
    this.#used = fresh
    return await run(fresh)
  }
}

async function settle<Result>(attempt: Promise<Result>): Promise<PromiseSettledResult<Result>> {
  const [outcome] = await Promise.allSettled([attempt])
  return outcome
}

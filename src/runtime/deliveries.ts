import type { TenantScope } from '../domain/scope.ts'
import { errorMessage } from '../errors/app-error.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How long deliveries are gathered before they are written down together, in milliseconds. */
const gatherMs = 250

/** Responses that one caller was given. */
interface Noted {
  readonly scope: TenantScope
  readonly runIds: Set<string>
}

/**
 * The responses that their clients have whole, so that the same request later is a new one. They are written down
 * together: alone, each would cost a transaction as large as another third of its turn.
 *
 * A note that is lost with the process does no harm: a client that has its response does not repeat the request.
 */
export class Deliveries {
  readonly #parts: Pick<RuntimeParts, 'store' | 'clock' | 'logger'>
  #noted = new Map<string, Noted>()
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: Pick<RuntimeParts, 'store' | 'clock' | 'logger'>) {
    this.#parts = parts
  }

  /** Notes that the response of a run was taken. */
  note(scope: TenantScope, runId: string): void {
    if (this.#noted.size === 0) this.#writeSoon()
    const key = JSON.stringify(scope)
    const noted = this.#noted.get(key) ?? { scope, runIds: new Set() }
    noted.runIds.add(runId)
    this.#noted.set(key, noted)
  }

  /** Writes down what was noted so far. Never rejects: what cannot be written is logged. */
  async flush(): Promise<void> {
    const noted = [...this.#noted.values()]
    this.#noted = new Map()
    const before = this.#writing
    this.#writing = Promise.all([before, ...noted.map((each) => this.#write(each))]).then(() => {})
    await this.#writing
  }

  #writeSoon(): void {
    this.#parts.clock.sleep(gatherMs).then(
      () => this.flush(),
      () => undefined,
    )
  }

  async #write({ scope, runIds }: Noted): Promise<void> {
    const { store, logger } = this.#parts
    try {
      await store.markDelivered(scope, { runIds: [...runIds] })
    } catch (error) {
      logger.warn(
        { err: error, runIds: [...runIds] },
        `Cannot write down which responses were delivered: ${errorMessage(error)}`,
      )
    }
  }
}

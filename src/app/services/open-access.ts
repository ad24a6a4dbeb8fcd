import type { Clock } from '../../util/clock.ts'

/** How long nobody looks again whether there is a key, in milliseconds: so soon a key of another process is asked for. */
const rememberedMs = 1_000

/**
 * Whether everybody is let in, as there is no key: remembered for a second, because every request without a key asks.
 *
 * Only that there is none is remembered. A key that this process makes is asked for at once.
 */
export class OpenAccess {
  readonly #clock: Clock
  readonly #countKeys: () => Promise<number>
  #openSince = Number.NaN
  #closings = 0

  constructor(clock: Clock, countKeys: () => Promise<number>) {
    this.#clock = clock
    this.#countKeys = countKeys
  }

  /** Whether there is no key. Rejects as counting does. */
  async isOpen(): Promise<boolean> {
    const age = this.#clock.now() - this.#openSince
    if (age >= 0 && age < rememberedMs) return true
    const closings = this.#closings
    const at = this.#clock.now()
    const isOpen = (await this.#countKeys()) === 0
    if (isOpen && closings === this.#closings) this.#openSince = at
    return isOpen
  }

  /** To be called when a key was made, before anybody hears of it. */
  close(): void {
    this.#closings += 1
    this.#openSince = Number.NaN
  }
}

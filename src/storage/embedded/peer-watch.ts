import { listOwners, ownerStateIn } from './process-lock.ts'

/** How long an answer is believed, in milliseconds. */
const listInterval = 200
const probeInterval = 2000

/** Knows whether other processes have the same data folder open, at the price of a directory listing now and then. */
export class PeerWatch {
  readonly #folder: string
  readonly #self: string
  readonly #probedAt = new Map<string, number>()
  #listedAt = Number.NEGATIVE_INFINITY
  #hasPeers = false

  constructor(folder: string, self: string) {
    this.#folder = folder
    this.#self = self
  }

  /** Whether another process is registered and alive, as of a moment ago. `now` is a monotonic time in milliseconds. */
  hasPeers(now: number): boolean {
    if (now - this.#listedAt < listInterval) return this.#hasPeers
    this.#listedAt = now
    const others = listOwners(this.#folder).filter((owner) => owner !== this.#self)
    for (const known of this.#probedAt.keys()) {
      if (!others.includes(known)) this.#probedAt.delete(known)
    }
    this.#hasPeers = others.filter((owner) => this.#isAlive(owner, now)).length > 0
    return this.#hasPeers
  }

  #isAlive(owner: string, now: number): boolean {
    const probedAt = this.#probedAt.get(owner)
    if (probedAt !== undefined && now - probedAt < probeInterval) return true
    const isAlive = ownerStateIn(this.#folder, owner) !== 'dead'
    if (isAlive) this.#probedAt.set(owner, now)
    else this.#probedAt.delete(owner)
    return isAlive
  }
}

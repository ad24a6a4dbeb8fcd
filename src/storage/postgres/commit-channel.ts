import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

/** The channel of LISTEN and NOTIFY. */
const channelName = 'letta_commits'

/** How often listeners are told without news, in case a notification was lost, in milliseconds. */
const pollInterval = 1000

/** The longest pause between two attempts to connect again, in milliseconds. */
const longestPause = 5000

/**
 * A process's own connection beside the pool: it tells other processes of commits, hears of theirs, and holds the lock
 * by which others see that this process lives. When it is lost it is made again; until then listeners are told by the
 * poll, and this process counts as dead, which costs it its leases but never loses a commit.
 */
export class CommitChannel {
  readonly #connect: () => Promise<Client>
  readonly #owner: string
  readonly #listeners = new Set<() => void>()
  #client: Client | null = null
  #poll: NodeJS.Timeout | null = null
  #announcement: 'none' | 'due' | 'sending' | 'again' = 'none'
  #isClosed = false

  /** `connect` makes a connection that is not pooled. */
  constructor(options: { readonly owner: string; readonly connect: () => Promise<Client> }) {
    this.#owner = options.owner
    this.#connect = options.connect
  }

  /** Connects for the first time. Rejects with the driver's error. */
  async open(): Promise<void> {
    const client = await this.#connect()
    client.on('error', () => this.#lose(client))
    client.on('end', () => this.#lose(client))
    client.on('notification', () => this.#tell())
    try {
      await client.query('SELECT pg_advisory_lock_shared($1)', [toLockKey(this.#owner)])
      await client.query(`LISTEN ${channelName}`)
    } catch (error) {
      await client.end()
      throw error
    }
    if (this.#isClosed) {
      await client.end()
      return
    }
    // Typed by the driver for pooled connections only.
    if ('unref' in client && typeof client.unref === 'function') client.unref()
    this.#client = client
  }

  /** Adds a listener; the returned function removes it. Does not keep the process alive. */
  watch(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    this.#poll ??= setInterval(() => this.#tell(), pollInterval).unref()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stopPolling()
    }
  }

  /**
   * Tells everybody of a commit: listeners of this process at once, other processes by the next notification, which is
   * sent when whoever made the commit has its answer.
   */
  announce(): void {
    this.#tell()
    if (this.#announcement === 'sending') this.#announcement = 'again'
    if (this.#announcement !== 'none') return
    this.#announcement = 'due'
    process.nextTick(() => {
      if (this.#announcement === 'due') void this.#notify()
    })
  }

  /** Whether the process that calls itself `owner` holds its lock. */
  async ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'> {
    const key = BigInt.asUintN(64, BigInt(toLockKey(owner)))
    try {
      const result = await this.#client?.query<{ held: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM pg_locks lock JOIN pg_database d ON d.oid = lock.database
           WHERE lock.locktype = 'advisory' AND d.datname = current_database() AND lock.granted
             AND lock.classid = $1::bigint::oid AND lock.objid = $2::bigint::oid
             AND lock.objsubid = 1) AS held`,
        [String(key >> 32n), String(key & 0xffffffffn)],
      )
      if (result === undefined) return 'unknown'
      return result.rows[0]?.held === true ? 'alive' : 'dead'
    } catch {
      // Without the connection nothing can be said, and a lease expires by itself.
      return 'unknown'
    }
  }

  /** Ends the watching and the connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#listeners.clear()
    this.#stopPolling()
    if (this.#announcement === 'due') await this.#notify()
    const client = this.#client
    this.#client = null
    await client?.end()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #stopPolling(): void {
    if (this.#poll !== null) clearInterval(this.#poll)
    this.#poll = null
  }

  /** One notification at a time: commits made meanwhile share the next one. */
  async #notify(): Promise<void> {
    do {
      this.#announcement = 'sending'
      try {
        await this.#client?.query(`NOTIFY ${channelName}`)
      } catch {
        // The other processes find it by their polls; the connection is made again by #lose().
        break
      }
    } while (this.#isWantedAgain())
    this.#announcement = 'none'
  }

  #isWantedAgain(): boolean {
    return this.#announcement === 'again' && !this.#isClosed
  }

  #lose(client: Client): void {
    if (this.#client !== client) return
    this.#client = null
    if (!this.#isClosed) void this.#reopen()
  }

  async #reopen(): Promise<void> {
    for (let pause = 50; !this.#isClosed; pause = Math.min(pause * 2, longestPause)) {
      try {
        await this.open()
        this.#tell()
        return
      } catch {
        await sleep(pause, undefined, { ref: false })
      }
    }
  }
}

/** The number of an owner's advisory lock. */
function toLockKey(owner: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hash('sha256', owner, 'hex').slice(0, 16)}`)).toString()
}

import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Notification } from 'pg'
import {
  anyNews,
  type CommitNews,
  decodeNews,
  encodeNews,
  mergeNews,
  toOwnNews,
} from '../commit-news.ts'

/** The channel of LISTEN and NOTIFY. */
const channelName = 'letta_commits'

/** The longest text that the server passes on with a notification, in bytes of letters without signs of more than one. */
const longestPayload = 7900

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
  readonly #listeners = new Set<(news: CommitNews) => void>()
  #client: Client | null = null
  #poll: NodeJS.Timeout | null = null
  /** What other processes are to be told next, and whether a notification is on its way. */
  #pending: CommitNews | null = null
  #isSending = false
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
    client.on('notification', (message) => {
      if (!isFrom(client, message)) this.#tell(decodeNews(message.payload ?? ''))
    })
    try {
      // A notification is a transaction of its own, and none has to survive a crash of the server.
      await client.query('SET synchronous_commit = off')
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
  watch(listener: (news: CommitNews) => void): () => void {
    const own = (news: CommitNews): void => listener(news)
    this.#listeners.add(own)
    this.#poll ??= setInterval(() => this.#tell(anyNews), pollInterval).unref()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stopPolling()
    }
  }

  /**
   * Tells everybody of a commit: listeners of this process at once, other processes by the next notification, which is
   * sent when whoever made the commit has its answer.
   */
  announce(news: CommitNews): void {
    this.#tell(toOwnNews(news))
    const isDue = this.#pending === null && !this.#isSending
    this.#pending = mergeNews(this.#pending, news)
    if (isDue) process.nextTick(() => void this.#notify())
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
    await this.#notify()
    const client = this.#client
    this.#client = null
    await client?.end()
  }

  #tell(news: CommitNews): void {
    for (const listener of this.#listeners) listener(news)
  }

  #stopPolling(): void {
    if (this.#poll !== null) clearInterval(this.#poll)
    this.#poll = null
  }

  /** One notification at a time: commits made meanwhile share the next one. */
  async #notify(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    for (let news = this.#pending; news !== null; news = this.#pending) {
      this.#pending = null
      const text = encodeNews(news)
      const payload = text.length > longestPayload ? '' : text
      try {
        await this.#client?.query({ ...notify, values: [channelName, payload] })
      } catch {
        // The other processes find it by their polls; the connection is made again by #lose().
        break
      }
    }
    this.#isSending = false
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
        this.#tell(anyNews)
        return
      } catch {
        await sleep(pause, undefined, { ref: false })
      }
    }
  }
}

const notify = { name: 'letta_notify', text: 'SELECT pg_notify($1, $2)' } as const

/** Whether a notification was sent over this connection: its process knows already. */
function isFrom(client: Client, { processId }: Notification): boolean {
  return 'processID' in client && client.processID === processId
}

/** The number of an owner's advisory lock. */
function toLockKey(owner: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hash('sha256', owner, 'hex').slice(0, 16)}`)).toString()
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import type { CommitNews } from '../commit-news.ts'
import { newsOf } from '../news-of-operation.ts'
import type { StoreHost } from '../create-store.ts'
import { storeClosed } from '../engine/host-errors.ts'
import { asText } from '../engine/sql-value.ts'
import type { StoreHooks } from '../store-options.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { PurgeReport, PurgeRequest, StoreDescription, StoreOperation } from '../store.ts'
import { CallOrder, conversationOf } from './call-order.ts'
import type { CommitChannel } from './commit-channel.ts'
import { CommonTerms } from '../engine/common-terms.ts'
import { HeldLists } from './held-lists.ts'
import { GrownTables } from './grown-tables.ts'
import { keepAlive } from './keep-alive.ts'
import type { LeaseClock } from './lease-clock.ts'
import type { Recovery } from './operation.ts'
import {
  callOperation,
  callRecovery,
  findRecovery,
  isRepeatable,
  isSingleStatement,
} from './operations.ts'
import { isClash, isConnectionLost, toStorageError } from './postgres-error.ts'
import { purgeLogs } from './purge-logs.ts'
import { purgeTables } from './purge-tables.ts'
import { PreparedStatements } from './prepared-statements.ts'
import { endSession, Sessions, type Session } from './sessions.ts'
import { SqlConnection } from './sql-connection.ts'
import { StatementTexts } from './statement-texts.ts'

/** How often an operation is done again after it got in another's way. */
const mostClashes = 20

/** How long the server has for a round trip, in milliseconds; twice what one statement may take there. */
const answerWithinMs = 60_000

/** What a {@link PostgresHost} works with. */
export interface PostgresHostOptions {
  readonly pool: Pool
  readonly channel: CommitChannel
  readonly description: StoreDescription
  /** How long a lost connection is sought anew before an operation fails, in milliseconds. */
  readonly reconnectMs: number
  readonly leaseClock: LeaseClock
  readonly hooks: StoreHooks
  /** The data folder whose logs are cleaned; null = there is none. */
  readonly folder: string | null
  /** The largest table that is written anew when something was forgotten, in bytes. */
  readonly rewriteLimitBytes: number
}

/** One call of an operation. */
interface Call {
  readonly name: StoreOperation
  readonly scope: unknown
  readonly input: unknown
}

/** How far an attempt came, for deciding whether it may be repeated. */
interface Attempt {
  /** The number of its transaction, once known. */
  transaction: string | null
  /** Whether the commit was sent, so that it may have happened although nobody said so. */
  commitSent: boolean
  /** What the operation returned before its commit was sent; undefined when it sent both at once. */
  value: unknown
  /** The connection it was made on, as the server knows it. */
  session: Session | null
}

/** Runs operations on a pool of connections to one PostgreSQL database. */
export class PostgresHost implements StoreHost {
  readonly description: StoreDescription
  readonly #options: PostgresHostOptions
  readonly #statements = new StatementTexts()
  readonly #commonTerms = new CommonTerms()
  readonly #heldLists = new HeldLists()
  readonly #prepared = new WeakMap<PoolClient, PreparedStatements>()
  readonly #order = new CallOrder()
  readonly #sessions = new Sessions()
  readonly #grown: GrownTables
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  constructor(options: PostgresHostOptions) {
    this.#options = options
    this.#grown = new GrownTables({ pool: options.pool, now: () => performance.now() })
    this.description = options.description
  }

  async call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    const key = operationKinds[name] === 'write' ? conversationOf(input) : null
    const running = this.#order.run(key, () => this.#persist({ name, scope, input }))
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      throw toStorageError(error, this.description.location)
    } finally {
      this.#running.delete(running)
    }
  }

  watch(listener: (news: CommitNews) => void): () => void {
    return this.#options.channel.watch(listener)
  }

  async ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'> {
    if (owner === this.description.owner) return 'alive'
    return await keepAlive(this.#options.channel.ownerState(owner))
  }

  async purge(input: PurgeRequest): Promise<PurgeReport> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    const { pool, folder, rewriteLimitBytes } = this.#options
    const running = keepAlive(purgeTables(pool, { pause: sleep, rewriteLimitBytes }))
    this.#running.add(running)
    try {
      const report = await running
      return folder === null ? report : await purgeLogs(report, { ...input, folder })
    } catch (error) {
      throw toStorageError(error, this.description.location)
    } finally {
      this.#running.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#closing ??= keepAlive(this.#close())
    await this.#closing
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#grown.settled()
    await this.#options.channel.close()
    await this.#options.pool.end()
  }

  /** Repeats a call whose connection was lost or that clashed, as long as that cannot do it twice. */
  async #persist(call: Call): Promise<unknown> {
    const start = performance.now()
    for (let failures = 0; ; failures += 1) {
      const attempt: Attempt = {
        transaction: null,
        commitSent: false,
        value: undefined,
        session: null,
      }
      try {
        const value = await this.#attempt(call, attempt)
        if (operationKinds[call.name] === 'write') this.#noticeWrite(newsOf(call.name, value))
        return value
      } catch (error) {
        const isOverdue = performance.now() - start >= this.#options.reconnectMs
        if (isClash(error)) {
          if (failures >= mostClashes || isOverdue) throw error
        } else {
          if (!isConnectionLost(error)) throw error
          const stored = attempt.commitSent ? await this.#findStored(call, attempt) : null
          if (stored !== null) return stored.value
          if (isOverdue) throw error
        }
      }
      await sleep(Math.min(1000, 2 ** failures * (2 + Math.random() * 3)))
    }
  }

  #noticeWrite(news: CommitNews | null): void {
    if (news !== null) this.#options.channel.announce(news)
    this.#grown.noticeWrite()
  }

  async #attempt(call: Call, attempt: Attempt): Promise<unknown> {
    const client = await this.#options.pool.connect()
    const connection = this.#connect(client, () => {
      this.#options.hooks.beforeCommit?.()
      // The end of a read stores nothing, so a read may be done again at any time.
      attempt.commitSent = operationKinds[call.name] === 'write'
    })
    let failure: Error | undefined
    try {
      attempt.session = await this.#sessions.of(client)
      const value = await (operationKinds[call.name] === 'read'
        ? read(connection, call)
        : write(connection, call, attempt))
      this.#options.hooks.onRoundTrips?.(call.name, connection.roundTrips)
      connection.finish()
      return value
    } catch (error) {
      failure = connection.failure ?? (error instanceof Error ? error : undefined)
      if (!isConnectionLost(failure)) await connection.rollBack()
      throw connection.failure ?? error
    } finally {
      release(client, failure)
    }
  }

  #connect(client: PoolClient, onCommit: () => void): SqlConnection {
    const prepared = this.#prepared.get(client) ?? new PreparedStatements()
    this.#prepared.set(client, prepared)
    return new SqlConnection({
      client,
      prepared,
      statements: this.#statements,
      leaseClock: this.#options.leaseClock,
      commonTerms: this.#commonTerms,
      heldLists: this.#heldLists,
      answerWithinMs: this.#options.hooks.answerWithinMs ?? answerWithinMs,
      onStatement: this.#options.hooks.onStatement,
      onCommit,
    })
  }

  /**
   * What a call stored whose commit was sent and not answered; null when it may be done again. Throws when nobody can
   * tell. The lost connection is ended first, so that what it was sent cannot be done later.
   */
  async #findStored(call: Call, attempt: Attempt): Promise<{ readonly value: unknown } | null> {
    const { session } = attempt
    // However long the answer was waited for, the server is sought as long as ever.
    const start = performance.now()
    if (session === null) throw unknownCommit()
    await this.#untilReachable(start, () => endSession(this.#options.pool, session))
    if (isRepeatable(call.name)) return null
    const recover = findRecovery(call.name)
    if (recover === undefined) {
      return (await this.#hasCommitted(attempt, start)) ? { value: attempt.value } : null
    }
    const value = await this.#untilReachable(start, () => this.#recover(call, recover))
    return value === null ? null : { value }
  }

  async #recover(call: Call, recover: Recovery<StoreOperation>): Promise<unknown> {
    const client = await this.#options.pool.connect()
    let failure: Error | undefined
    try {
      return await callRecovery(
        this.#connect(client, () => undefined),
        call,
        recover,
      )
    } catch (error) {
      failure = error instanceof Error ? error : undefined
      throw error
    } finally {
      release(client, failure)
    }
  }

  /** Asks the server what became of a transaction whose commit was not answered. Throws when it cannot tell. */
  async #hasCommitted({ transaction }: Attempt, start: number): Promise<boolean> {
    if (transaction === null) throw unknownCommit()
    const result = await this.#untilReachable(start, () =>
      this.#options.pool.query<{ state: string | null }>(
        'SELECT pg_xact_status($1::xid8) AS state',
        [transaction],
      ),
    )
    const state = result.rows[0]?.state ?? null
    if (state === 'committed') return true
    if (state === 'aborted') return false
    throw unknownCommit()
  }

  /** Asks again as long as the connection is lost and the deadline lets it. */
  async #untilReachable<Result>(start: number, ask: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        if (performance.now() - start >= this.#options.reconnectMs) throw unknownCommit()
      }
      await sleep(50)
    }
  }
}

function unknownCommit(): Error {
  return new Error('the connection was lost while a change was stored')
}

async function write(connection: SqlConnection, call: Call, attempt: Attempt): Promise<unknown> {
  connection.begin()
  const isAskedLater = !isRepeatable(call.name) && findRecovery(call.name) === undefined
  const number = isAskedLater ? connection.get('SELECT pg_current_xact_id()::text') : null
  const value = await callOperation(connection, call)
  if (!connection.isOpen) return value
  // Known before the commit is sent, or nobody could say afterwards whether it happened.
  if (number !== null) attempt.transaction = asText((await number)?.[0])
  attempt.value = value
  if (await connection.commit()) return value
  throw new Error(`the operation ${call.name} was refused and did not say why`)
}

/** Several statements see one state of the database; a single one does by itself. */
async function read(connection: SqlConnection, call: Call): Promise<unknown> {
  if (isSingleStatement(call.name)) return await callOperation(connection, call)
  connection.beginRead()
  return await callOperation(connection, call)
}

function release(client: PoolClient, failure: Error | undefined): void {
  client.release(failure !== undefined && isConnectionLost(failure))
}

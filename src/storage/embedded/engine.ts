import { AppError, isAppError } from '../../errors/app-error.ts'
import type { StoreOperation } from '../store.ts'
import { connectToRead } from './connect-to-read.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { FileIdentity } from './file-identity.ts'
import { migrate, type DatabaseFacts, type MigrationOptions } from './migrate.ts'
import type { OperationInput, OperationResult, OperationScope } from './operation.ts'
import { operations } from './operations.ts'
import { isBusy, isDiskFailure, toStorageError } from './sqlite-error.ts'
import { useWriteAheadLog } from './write-ahead-log.ts'

/** One call of an operation, as data. */
export interface OperationCall {
  readonly name: StoreOperation
  readonly scope: unknown
  readonly input: unknown
}

/** What came of a call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: AppError }

/** How an {@link EmbeddedEngine} is opened. */
export interface EngineOptions extends Pick<ConnectionOptions, 'onStatement' | 'onPlan'> {
  /** The database file, or `:memory:`. */
  readonly file: string
  /** Where copies are put before a migration; null = none are made. */
  readonly backupFolder: string | null
  /** The time that migrations and copies are dated with. */
  readonly now: number
  /** Only reads; the file must exist and be up to date. Default: false. */
  readonly readOnly?: boolean
  /** The file cannot be written, so it is opened as far as it can be read. Default: false. */
  readonly isUnwritable?: boolean
  /** After how many pages of log a commit moves them into the file by itself. Default: 1,000, as SQLite has it. */
  readonly longestLog?: number
  /** Called before each commit; an error it throws counts as that of the commit. For tests. */
  readonly beforeCommit?: () => void
  /** A connection that somebody else closes. Default: one of its own. */
  readonly connection?: Connection
}

/** How long opening waits for another process, in milliseconds. */
const openTimeout = 5000

/** In KiB, as SQLite's negative cache sizes are. */
const cacheSize = 8192

/**
 * The embedded database: every operation of the store, synchronously, on one SQLite file.
 *
 * It never waits for a lock once it is open: {@link EmbeddedEngine.tryBegin} says whether the write lock was free, and
 * the host decides when to try again.
 */
export class EmbeddedEngine {
  /** What was opened. */
  readonly description: DatabaseFacts
  readonly #connection: Connection
  readonly #ownsConnection: boolean
  readonly #beforeCommit: (() => void) | undefined
  readonly #identity: FileIdentity
  #failure: AppError | null = null
  /** Whether the log still holds pages with what was deleted. */
  #hasResidue = false

  constructor(options: EngineOptions) {
    this.#beforeCommit = options.beforeCommit
    this.#ownsConnection = options.connection === undefined
    this.#connection = options.connection ?? connect(options)
    try {
      this.description = prepare(this.#connection, options)
      this.#identity = new FileIdentity(options.file)
    } catch (error) {
      this.close()
      throw toStorageError(error, options.file)
    }
  }

  /** Runs one operation that only reads, on one snapshot. Throws `AppError`; `storage_busy` may pass by itself. */
  read(call: OperationCall): unknown {
    try {
      this.#connection.run('BEGIN')
      const value = this.#call(call)
      this.#connection.run('COMMIT')
      return value
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.run('ROLLBACK')
      throw toStorageError(error, this.#connection.location)
    }
  }

  /** Takes the write lock if it is free. Throws `AppError` for anything but a lock held by another. */
  tryBegin(): boolean {
    try {
      this.#connection.run('BEGIN IMMEDIATE')
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw toStorageError(error, this.#connection.location)
    }
  }

  /**
   * Runs operations in the transaction that {@link EmbeddedEngine.tryBegin} opened, each on its own savepoint, and
   * commits them together. An operation that fails leaves the others alone; a commit that fails fails all of them.
   * After a failed write to the disk, or when the file is no longer in its place, every later write is refused.
   */
  commit(calls: readonly OperationCall[]): Outcome[] {
    return this.#failingAll(calls, () => {
      const outcomes = calls.map((call) => this.#attempt(call, calls.length > 1))
      return this.#finish(calls, outcomes)
    })
  }

  /**
   * Does the same without savepoints, for which SQLite copies every page before it is changed and writes the full-text index
   * once for each operation. Null when an operation failed: then nothing was done and the lock is free, and all of them are
   * to be committed by {@link EmbeddedEngine.commit}.
   */
  commitTogether(calls: readonly OperationCall[]): Outcome[] | null {
    return this.#failingAll(calls, () => {
      const outcomes: Outcome[] = []
      for (const call of calls) {
        const outcome = this.#attempt(call, false)
        outcomes.push(outcome)
        if (outcome.ok) continue
        if (this.#connection.isTransaction) this.#connection.run('ROLLBACK')
        return null
      }
      return this.#finish(calls, outcomes)
    })
  }

  /** What came of the calls; all of them fail with what keeps their commit from being made. */
  #failingAll<Result>(calls: readonly OperationCall[], commit: () => Result): Result | Outcome[] {
    try {
      if (this.#failure !== null) throw this.#failure
      return commit()
    } catch (error) {
      const failed = this.#fail(error)
      return calls.map(() => ({ ok: false, error: failed }))
    }
  }

  /** Commits what was done, if any of it was. */
  #finish(calls: readonly OperationCall[], outcomes: Outcome[]): Outcome[] {
    if (!outcomes.some((outcome) => outcome.ok)) {
      if (this.#connection.isTransaction) this.#connection.run('ROLLBACK')
      return outcomes
    }
    this.#beforeCommit?.()
    this.#identity.demandInPlace()
    this.#connection.run('COMMIT')
    this.#hasResidue ||= calls.some(({ name }) => /^(?:delete|forget)/.test(name))
    if (this.#hasResidue) this.#emptyLog()
    return outcomes
  }

  /**
   * Writes the full-text index anew, with `rewrite` the whole file, and empties the log. False when a lock of another
   * connection was in the way: what was done stays done, and all of it can be tried again. No transaction may be open.
   */
  compact({ rewrite }: { readonly rewrite: boolean }): boolean {
    if (this.#failure !== null) throw this.#failure
    if (!this.tryBegin()) return false
    try {
      this.#connection.exec(`INSERT INTO search_index (search_index) VALUES ('optimize')`)
      this.#connection.run('COMMIT')
      if (rewrite) this.#rewrite()
    } catch (error) {
      if (this.#connection.isTransaction) this.#rollBack()
      if (isBusy(error)) return false
      throw this.#fail(error)
    }
    this.#emptyLog()
    return !this.#hasResidue
  }

  /** The copy that SQLite makes on the way is as large as the file: on the disk, not in memory. */
  #rewrite(): void {
    this.#connection.exec('PRAGMA temp_store = FILE')
    try {
      this.#connection.exec('VACUUM')
    } finally {
      this.#connection.exec('PRAGMA temp_store = MEMORY')
    }
  }

  /**
   * Moves what was committed from the log into the file, as far as nobody reads what is older; writers need not wait for it.
   *
   * @throws AppError `storage_disk_failed` when the disk could not store it, after which nothing more may be written;
   * `storage_full` when it has no room, and then it can be tried again.
   */
  checkpoint(): void {
    try {
      this.#connection.get('PRAGMA wal_checkpoint(PASSIVE)')
    } catch (error) {
      this.#noteDiskFailure(error)
      throw this.#failure ?? toStorageError(error, this.#connection.location)
    }
  }

  /** A number that changes when another connection commits. */
  dataVersion(): number {
    return Number(this.#connection.get('PRAGMA data_version')?.[0])
  }

  /** Closes the file, if the engine opened it. */
  close(): void {
    if (this.#ownsConnection) this.#connection.close()
  }

  #attempt(call: OperationCall, isShared: boolean): Outcome {
    const connection = this.#connection
    try {
      if (isShared) connection.run('SAVEPOINT operation')
      const value = this.#call(call)
      if (isShared) connection.run('RELEASE operation')
      return { ok: true, value }
    } catch (error) {
      if (isDiskFailure(error) || (isShared && !connection.isTransaction)) throw error
      if (isShared) {
        connection.run('ROLLBACK TO operation')
        connection.run('RELEASE operation')
      }
      return { ok: false, error: toStorageError(error, connection.location) }
    }
  }

  /**
   * Writes the log into the file and empties it, so that what was deleted is nowhere any more. While another connection
   * reads, the log stays as it is and the next commit tries again. What was committed is safe whatever happens here.
   */
  #emptyLog(): void {
    try {
      const [isBlocked] = this.#connection.get('PRAGMA wal_checkpoint(TRUNCATE)') ?? []
      this.#hasResidue = isBlocked === 1
    } catch (error) {
      this.#noteDiskFailure(error)
    }
  }

  #fail(error: unknown): AppError {
    this.#noteDiskFailure(error)
    if (this.#connection.isTransaction) this.#rollBack()
    return this.#failure ?? toStorageError(error, this.#connection.location)
  }

  /** After a failed sync the kernel may drop what it could not write: nothing may be promised on top of that. */
  #noteDiskFailure(error: unknown): void {
    if (isAppError(error, 'storage_gone')) this.#failure = error
    if (!isDiskFailure(error)) return
    const { location } = this.#connection
    this.#failure = new AppError(
      'storage_disk_failed',
      `Cannot write to the database ${location}: the disk failed to store an earlier change. Check the disk, then start the program again.`,
      { cause: error, data: { location } },
    )
  }

  /** SQLite may have rolled back by itself already, and a failing disk may refuse this too. */
  #rollBack(): void {
    try {
      this.#connection.run('ROLLBACK')
    } catch (error) {
      this.#failure ??= toStorageError(error, this.#connection.location)
    }
  }

  /** The one place where a call that came as data meets the operation of that name. */
  #call<Name extends StoreOperation>(call: OperationCall & { readonly name: Name }): unknown {
    const operation: (
      connection: Connection,
      scope: OperationScope<Name>,
      input: OperationInput<Name>,
    ) => OperationResult<Name> = operations[call.name]
    return operation(
      this.#connection,
      call.scope as OperationScope<Name>,
      call.input as OperationInput<Name>,
    )
  }
}

function connect({ file, onStatement, onPlan, isUnwritable }: EngineOptions): Connection {
  const options: ConnectionOptions = {
    timeout: openTimeout,
    ...(onStatement === undefined ? {} : { onStatement }),
    ...(onPlan === undefined ? {} : { onPlan }),
  }
  try {
    return isUnwritable === true ? connectToRead(file, options) : new Connection(file, options)
  } catch (error) {
    throw toStorageError(error, file)
  }
}

function prepare(connection: Connection, options: EngineOptions): DatabaseFacts {
  if (options.file !== ':memory:' && options.isUnwritable !== true) {
    useWriteAheadLog(connection, openTimeout)
  }
  connection.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${cacheSize};
    PRAGMA wal_autocheckpoint = ${options.longestLog ?? 1000};
  `)
  // Without a place for a copy of before nothing may be brought up to date.
  if (options.isUnwritable === true) connection.exec('PRAGMA query_only = ON')
  const migration: MigrationOptions = { backupFolder: options.backupFolder, now: options.now }
  const description = migrate(connection, migration)
  if (options.readOnly === true) connection.exec('PRAGMA query_only = ON')
  else connection.exec('PRAGMA busy_timeout = 0')
  return description
}

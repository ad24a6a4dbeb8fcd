import type { JsonObject } from '../util/json.ts'
import type { CommitNews } from './commit-news.ts'
import type { AccessStore } from './contract/access-store.ts'
import type { AgentStore } from './contract/agent-store.ts'
import type { ApprovalStore } from './contract/approval-store.ts'
import type { ArchiveStore } from './contract/archive-store.ts'
import type { BlockStore } from './contract/block-store.ts'
import type { CompactionStore } from './contract/compaction-store.ts'
import type { ConversationStore } from './contract/conversation-store.ts'
import type { EventStore } from './contract/event-store.ts'
import type { FactStore } from './contract/fact-store.ts'
import type { ForgetStore } from './contract/forget-store.ts'
import type { ImportStore } from './contract/import-store.ts'
import type { JobStore } from './contract/job-store.ts'
import type { MemoryStore } from './contract/memory-store.ts'
import type { ScheduleStore } from './contract/schedule-store.ts'
import type { RunStore } from './contract/run-store.ts'
import type { SearchStore } from './contract/search-store.ts'
import type { TokenFactorStore } from './contract/token-factor-store.ts'
import type { TurnStore } from './contract/turn-store.ts'
import type { WaitingStore } from './contract/waiting-store.ts'
import type { VectorStore } from './contract/vector-store.ts'

/**
 * Everything the product keeps, behind operations; no SQL and no engine's words outside `storage/`.
 *
 * Contract of every operation:
 * - It is one transaction: all of it happened or nothing. When its promise resolves, the effect is on disk
 *   (survives power loss) and visible to every later operation of any process.
 * - It takes a {@link TenantScope} and touches rows of that tenant only; the operations that take a `SystemScope`
 *   are the whole list of exceptions. An object of another tenant is reported as not found.
 * - Inputs and outputs are plain data (they cross threads). Times come in as arguments; an engine reads no clock.
 * - Identifiers are made by the caller.
 * - It rejects with `AppError` only: `not_found`, `conflict`, `lease_lost` where said below, and for any operation
 *   `storage_full`, `storage_read_only`, `storage_busy`, `storage_corrupt`, `storage_closed`, `storage_failed`. After a
 *   failed commit the state is as before; after a failed fsync the store refuses all writes with `storage_disk_failed`.
 * - Lists are ordered and paged by key, never by offset.
 */
export interface Store
  extends
    StoreLifecycle,
    AccessStore,
    AgentStore,
    BlockStore,
    ConversationStore,
    ImportStore,
    TurnStore,
    CompactionStore,
    WaitingStore,
    ApprovalStore,
    RunStore,
    EventStore,
    ArchiveStore,
    MemoryStore,
    FactStore,
    ForgetStore,
    SearchStore,
    VectorStore,
    JobStore,
    ScheduleStore,
    TokenFactorStore {}

/** Opening, watching and closing. */
export interface StoreLifecycle {
  /** What was opened. */
  readonly description: StoreDescription
  /**
   * Calls `listener` soon after any commit by this or another process on the same database that somebody may wait for, with
   * what is known of it; may call it without one. Returns what ends the watching. Never throws; the listener must not either. Does not keep the process alive:
   * whoever waits for something does that.
   */
  watch(listener: (news: CommitNews) => void): () => void
  /** Whether the process that owns a lease still lives: decided in milliseconds where the engine can, else `unknown`. */
  ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'>
  /**
   * Removes from the database's files what deleted rows left there, and from the logs of the data folder, and says what was done. With `texts` it looks for
   * them in every file first and after; without, it cleans everything it can. Slow, and safe to repeat.
   */
  purge(input: PurgeRequest): Promise<PurgeReport>
  /** Finishes what was begun, then closes. Later operations reject with `storage_closed`. Idempotent. */
  close(): Promise<void>
}

/** What to look for while cleaning. */
export interface PurgeRequest {
  /** Texts that must not be left; null = they are not known any more. */
  readonly texts: readonly string[] | null
}

/** What a cleaning did and found. */
export interface PurgeReport {
  /** How many files of the data folder were searched byte by byte; 0 where there is none. */
  readonly filesSearched: number
  /** How many of them still hold one of the texts; null = they were not known. */
  readonly filesFound: number | null
  /** What was done, as the engine names it. */
  readonly cleaning: JsonObject
  /** Places that were not looked into and may hold the texts, each in a phrase. */
  readonly outside: readonly string[]
}

/** What a store says about itself. */
export interface StoreDescription {
  /** `sqlite` or `postgres`. */
  readonly engine: string
  /** Where the data is: a path or a URL without credentials. */
  readonly location: string
  /** Made with the database, the same for every process that opens it. */
  readonly databaseId: string
  /** The number of the newest migration. */
  readonly schemaVersion: number
  /** What opening it brought up to date; null = nothing: it was, or it is new. */
  readonly migration: MigrationReport | null
  /** Whether it holds only a part of another database, as a copy to it was not finished. */
  readonly isPartialCopy: boolean
  /** Whether it keeps and compares vectors. */
  readonly vectors: VectorSupport
  /** This process as lease owner; unique among all processes that ever open the database. */
  readonly owner: string
}

/** Whether a database keeps vectors; where it does not, their operations reject with `vectors_unavailable`. */
export type VectorSupport =
  | {
      readonly isAvailable: true
      /** What compares them, with its version where it has one of its own. */
      readonly by: string
    }
  | {
      readonly isAvailable: false
      /** What is missing and what to do, in sentences; everything else works. */
      readonly remedy: string
    }

/** A database that was brought up to date. */
export interface MigrationReport {
  /** The number of the newest migration that it had before. */
  readonly from: number
  /** The file that holds it as it was; null = none was made. */
  readonly snapshot: string | null
}

/** The names of the operations of {@link Store} that run in the engine (not its life cycle). */
export type StoreOperation = Exclude<keyof Store, keyof StoreLifecycle>

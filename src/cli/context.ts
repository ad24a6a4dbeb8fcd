import type { Readable } from 'node:stream'
import type { OpenEmbedded } from '../../sdk/src/embedded.ts'
import type { Environment } from '../config/environment.ts'
import type { Settings } from '../config/load-settings.ts'

/** Everything a command touches outside itself; `main.ts` passes the real one, tests their own. */
export interface CliContext {
  readonly environment: Environment
  /** The folder the command was called in. */
  readonly folder: string
  readonly stdin: Readable
  /** Results only: what another program may read. */
  readonly stdout: Output
  /** Everything else: notices, questions, errors. */
  readonly stderr: Output
  /** Which streams are a terminal. */
  readonly terminal: {
    readonly stdin: boolean
    readonly stdout: boolean
    readonly stderr: boolean
  }
  readonly product: Product
  /** Calls `listener` when the process is asked to end; returns what stops that. */
  readonly onTermination: (listener: (signal: string) => void) => () => void
}

/** Where text goes. */
export interface Output {
  write(text: string): unknown
  /** How many characters fit on a line of the terminal. */
  readonly columns?: number
}

/** The two ways the CLI uses the product itself; everything else goes through the SDK. */
export interface Product {
  /** Opens it in this process. */
  readonly openEmbedded: OpenEmbedded
  /** Serves it to others. */
  readonly startServer: (settings: Settings) => Promise<RunningServer>
  /** Handles databases as a whole. */
  readonly databases: Databases
}

/** What can be done with a database as a whole. */
export interface Databases {
  /** Brings the database of the settings up to date. */
  migrate(settings: Settings): Promise<{
    readonly engine: string
    readonly location: string
    readonly schemaVersion: number
    /** What was brought up to date: the version before, and where a copy of it is kept; null = nothing. */
    readonly migration: { readonly from: number; readonly snapshot: string | null } | null
  }>
  /** Copies everything between two data folders or `postgres://` URLs, and compares. */
  copy(options: {
    readonly from: string
    readonly to: string
    /** Only compares, and changes nothing. */
    readonly verifyOnly: boolean
  }): Promise<{
    readonly from: string
    readonly to: string
    readonly tables: readonly {
      readonly table: string
      readonly rows: number
      readonly copied: number
      readonly removed: number
      readonly checksum: string
    }[]
  }>
  /** Writes the database of the data folder into a file. */
  backUp(
    settings: Settings,
    file: string,
  ): Promise<{ readonly file: string; readonly bytes: number }>
  /** Puts such a file back. */
  restore(
    settings: Settings,
    file: string,
  ): Promise<{
    readonly folder: string
    readonly kept: string | null
    readonly damaged: boolean
    readonly undone: readonly string[]
  }>
}

/** A server of this process. */
export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  readonly instanceId: string
  /** Where its data is: a path, or a URL without credentials. Default: the data folder. */
  readonly location?: string
  /** The secret for programs of the same user; null = there is none. */
  readonly token: string | null
  /**
   * Resolves once there was no request for `forMs` milliseconds and nothing is left to run. Rejects when `signal` aborts.
   * Absent: it cannot tell.
   */
  untilIdle?(options: { readonly forMs: number; readonly signal: AbortSignal }): Promise<void>
  /** Finishes what is under way up to `deadlineMs`, then stops. */
  stop(options: { readonly deadlineMs: number }): Promise<void>
}

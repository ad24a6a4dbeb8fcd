import type { Connection } from './connection.ts'
import { isBusy } from './sqlite-error.ts'
import { retryDelay } from './write-pace.ts'

/**
 * Has a database keep its changes in a write-ahead log, waiting while another process changes the file.
 *
 * SQLite's own timeout does not hold here: to turn a new file over it makes a lock to read into one to write, for which
 * it never waits, so of two processes that open a new folder at once one would be refused.
 * Throws the driver's error, that of a lock after `deadlineMs` milliseconds.
 */
export function useWriteAheadLog(connection: Connection, deadlineMs: number): void {
  const end = performance.now() + deadlineMs
  for (;;) {
    try {
      connection.get('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryDelay())
  }
}

import { statSync } from 'node:fs'
import { Connection, type ConnectionOptions } from './connection.ts'

/**
 * Connects to a file in order to read it, also where it cannot be written, because its disk is full or only to be read. Throws
 * the driver's first error when there is no way.
 *
 * SQLite keeps where its log's pages are in a file that its connections share. Where that cannot be made, one connection with
 * the file to itself keeps it in memory; where it may not even lock the file, there must be no log, and nobody who writes one.
 */
export function connectToRead(file: string, options: ConnectionOptions): Connection {
  const ways = [connectShared, connectAlone, ...(hasLog(file) ? [] : [connectUnlocked])]
  const failures: unknown[] = []
  for (const connect of ways) {
    try {
      return connect(file, options)
    } catch (error) {
      failures.push(error)
    }
  }
  throw failures[0]
}

function connectShared(file: string, options: ConnectionOptions): Connection {
  return probe(new Connection(file, { ...options, only: 'read' }))
}

function connectAlone(file: string, options: ConnectionOptions): Connection {
  const connection = new Connection(file, options)
  connection.exec('PRAGMA locking_mode = EXCLUSIVE')
  return probe(connection)
}

function connectUnlocked(file: string, options: ConnectionOptions): Connection {
  return probe(new Connection(file, { ...options, only: 'immutable' }))
}

/** Reads something, which is when SQLite opens what it needs beside the file. */
function probe(connection: Connection): Connection {
  try {
    connection.get('SELECT count(*) FROM sqlite_schema')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

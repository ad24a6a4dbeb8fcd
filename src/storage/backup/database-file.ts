import { AppError, errorMessage } from '../../errors/app-error.ts'
import { Connection } from '../embedded/connection.ts'
import { toStorageError } from '../embedded/sqlite-error.ts'

/** What a database file says about itself. */
export interface DatabaseFileFacts {
  readonly databaseId: string
  readonly schemaVersion: number
}

/**
 * Reads a whole database file and its full-text index. Throws `storage_corrupt` for anything that is not sound; it names
 * the file that `path` is a copy of.
 */
export function checkDatabaseFile(path: string, original: string = path): DatabaseFileFacts {
  const connection = open(path, original)
  try {
    const [result] = connection.get('PRAGMA integrity_check(1)') ?? []
    if (result !== 'ok') throw damaged(original, firstProblem(String(result)))
    demandOurs(connection, original)
    connection.run(`INSERT INTO search_index (search_index) VALUES ('integrity-check')`)
    const id = connection.get(`SELECT value FROM database_facts WHERE name = 'id'`)?.[0]
    const version = connection.get('SELECT max(number) FROM migrations')?.[0]
    return { databaseId: String(id), schemaVersion: Number(version) }
  } catch (error) {
    throw error instanceof AppError ? error : damaged(original, errorMessage(error), error)
  } finally {
    connection.close()
  }
}

/** What the check found first, without the line above it that names the database among several. */
function firstProblem(result: string): string {
  const found = result.split('\n').find((line) => line !== '' && !line.startsWith('*** in'))
  return found ?? 'it is damaged'
}

function demandOurs(connection: Connection, original: string): void {
  const ours = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'database_facts'`
  if (connection.get(ours) !== undefined) return
  throw damaged(original, 'it is empty, or another program made it')
}

function open(path: string, original: string): Connection {
  try {
    return new Connection(path)
  } catch (error) {
    throw toStorageError(error, original)
  }
}

function damaged(path: string, state: string, cause?: unknown): AppError {
  return new AppError(
    'storage_corrupt',
    `Cannot use ${path} as a database: ${state}. Choose another file.`,
    { cause, data: { location: path } },
  )
}

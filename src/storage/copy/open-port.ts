import { isDatabaseUrl } from '../open-store.ts'
import type { TablePort } from './table-port.ts'

/**
 * Opens the tables of the database in a folder or behind a `postgres://` URL, which is brought up to date first. A
 * source is read in one snapshot. The engine is loaded only now.
 */
export async function openPort(options: {
  readonly location: string
  readonly isTarget: boolean
}): Promise<TablePort> {
  if (isDatabaseUrl(options.location)) {
    const { openPostgresPort } = await import('./postgres-port.ts')
    return await openPostgresPort(options)
  }
  const { openSqlitePort } = await import('./sqlite-port.ts')
  return await openSqlitePort(options)
}

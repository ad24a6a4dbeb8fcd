import { AppError } from '../../errors/app-error.ts'
import { openStore } from '../open-store.ts'
import { compareTables, copyTables, type TableReport } from './copy-tables.ts'
import { openPort } from './open-port.ts'
import type { Ports } from './walk-rows.ts'

/** Which databases: folders or `postgres://` URLs. */
export interface CopyOptions {
  readonly from: string
  readonly to: string
  /** Called whenever a table has been copied and compared. */
  readonly onTable?: (table: TableReport) => void
  /** Rows in one transaction. Default: 500. */
  readonly batchSize?: number
  /** Only compares, and changes nothing. Default: false. */
  readonly verifyOnly?: boolean
}

/** What was copied. */
export interface CopyReport {
  readonly from: string
  readonly to: string
  readonly tables: readonly TableReport[]
}

const defaultBatchSize = 500

/**
 * Copies everything of one database into an empty one of either engine, and compares both by counts and checksums.
 *
 * A copy that was interrupted goes on where it stopped when it is called again; what was changed or forgotten in the source
 * since is changed in it, too, and gone from its files. One that is whole already is only compared.
 *
 * Rejects with `conflict` when the target holds something else, or differs in the end because one of them was changed;
 * else with storage codes.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopyReport> {
  const { from, to, batchSize = defaultBatchSize, onTable, verifyOnly = false } = options
  if (from === to) {
    throw new AppError(
      'configuration_invalid',
      'Cannot copy a database to itself: both places are the same. Choose another target.',
    )
  }
  return await withPorts({ from, to, isTarget: !verifyOnly }, async (ports) => {
    const tables = verifyOnly
      ? await compareTables(ports, { batchSize, onTable })
      : await copyTables(ports, { batchSize, onTable, purge: () => purge(to) })
    return { from: ports.source.location, to: ports.target.location, tables }
  })
}

async function withPorts<Result>(
  places: { readonly from: string; readonly to: string; readonly isTarget: boolean },
  work: (ports: Ports) => Promise<Result>,
): Promise<Result> {
  const source = await openPort({ location: places.from, isTarget: false })
  try {
    const target = await openPort({ location: places.to, isTarget: places.isTarget })
    try {
      return await work({ source, target })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function purge(location: string): Promise<void> {
  const store = await openStore({ location, acceptsPartialCopy: true })
  try {
    await store.purge({ texts: null })
  } finally {
    await store.close()
  }
}

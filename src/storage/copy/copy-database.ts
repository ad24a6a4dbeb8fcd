import { createHash } from 'node:crypto'
import { AppError } from '../../errors/app-error.ts'
import { partialCopyFact } from '../engine/partial-copy.ts'
import { openPort } from './open-port.ts'
import { keyOf, type PortRow, type PortTable, type TablePort } from './table-port.ts'

/** Which databases: folders or `postgres://` URLs. */
export interface CopyOptions {
  readonly from: string
  readonly to: string
  /** Called whenever a table has been copied and compared. */
  readonly onTable?: (table: TableReport) => void
  /** Rows in one transaction. Default: 500. */
  readonly batchSize?: number
}

/** What became of one table. */
export interface TableReport {
  readonly table: string
  readonly rows: number
  /** How many of them this call stored; the others were there from an earlier one. */
  readonly copied: number
  /** A hash of all rows in the order of their key, the same in both databases. */
  readonly checksum: string
}

/** What was copied. */
export interface CopyReport {
  readonly from: string
  readonly to: string
  readonly tables: readonly TableReport[]
}

const defaultBatchSize = 500

/** Rows that every new database has. */
const presetTables: ReadonlySet<string> = new Set(['tenants', 'users'])

/**
 * Copies everything of one database into an empty one of either engine, and compares both by counts and checksums.
 * A copy that was interrupted goes on where it stopped when it is called again.
 *
 * Rejects with `conflict` when the target holds something else, or differs in the end because the source was changed
 * meanwhile; else with storage codes.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopyReport> {
  const source = await openPort({ location: options.from, isTarget: false })
  try {
    const target = await openPort({ location: options.to, isTarget: true })
    try {
      return await copyTables({ ...options, source, target })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

interface Ports {
  readonly source: TablePort
  readonly target: TablePort
}

async function copyTables(copy: CopyOptions & Ports): Promise<CopyReport> {
  const { source, target } = copy
  const tables = await source.listTables()
  requireSameShape(copy, tables, await target.listTables())
  const id = await source.readFact('id')
  await begin(copy, tables, id)
  const reports: TableReport[] = []
  for (const table of tables) {
    const report = await copyTable(copy, table)
    copy.onTable?.(report)
    reports.push(report)
  }
  await target.writeFact('id', id)
  await target.writeFact(partialCopyFact, null)
  return { from: source.location, to: target.location, tables: reports }
}

function requireSameShape(
  { source, target }: Ports,
  from: readonly PortTable[],
  to: readonly PortTable[],
): void {
  if (JSON.stringify(from) === JSON.stringify(to)) return
  throw new AppError(
    'storage_failed',
    `Cannot copy ${source.location} to ${target.location}: their tables differ. Open both with the same version of the program first.`,
  )
}

/** An empty target is marked with what it is to become; one that is marked so already goes on. */
async function begin(
  { source, target }: Ports,
  tables: readonly PortTable[],
  id: string | null,
): Promise<void> {
  const mark = await target.readFact(partialCopyFact)
  if (mark !== null && mark === id) return
  for (const table of tables) {
    if (presetTables.has(table.name) && mark === null) continue
    if ((await target.countRows(table)) === 0) continue
    throw new AppError(
      'conflict',
      `Cannot copy ${source.location} to ${target.location}: the target is not empty. Choose an empty database.`,
      { data: { table: table.name } },
    )
  }
  await target.writeFact(partialCopyFact, id)
  for (const table of tables) if (presetTables.has(table.name)) await target.clear(table)
}

async function copyTable(copy: CopyOptions & Ports, table: PortTable): Promise<TableReport> {
  const { source, target } = copy
  const limit = copy.batchSize ?? defaultBatchSize
  let copied = 0
  let after = await target.lastKey(table)
  for (;;) {
    const rows = await source.readRows(table, { after, limit })
    if (rows.length === 0) break
    await target.writeRows(table, rows)
    copied += rows.length
    after = keyOf(table, rows.at(-1) ?? [])
  }
  const [expected, found] = await Promise.all(
    [source, target].map((port) => digest(port, table, limit)),
  )
  if (expected === undefined || found === undefined || expected.checksum !== found.checksum) {
    throw new AppError(
      'conflict',
      `Cannot finish the copy to ${target.location}: the table ${table.name} has ${found?.rows} rows there and ${expected?.rows} in ${source.location}, or other ones. Stop what writes to either, and copy into an empty database.`,
      { data: { table: table.name } },
    )
  }
  return { table: table.name, copied, ...expected }
}

async function digest(
  port: TablePort,
  table: PortTable,
  limit: number,
): Promise<{ readonly rows: number; readonly checksum: string }> {
  const hash = createHash('sha256')
  let rows = 0
  let after: PortRow | null = null
  for (;;) {
    const page: readonly PortRow[] = await port.readRows(table, { after, limit })
    for (const row of page) hash.update(JSON.stringify(row)).update('\n')
    rows += page.length
    if (page.length < limit) return { rows, checksum: hash.digest('hex') }
    after = keyOf(table, page.at(-1) ?? [])
  }
}

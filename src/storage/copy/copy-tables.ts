import { AppError } from '../../errors/app-error.ts'
import { partialCopyFact } from '../engine/partial-copy.ts'
import { addMissing, compareTable, removeStrangers, type TableContent } from './copy-table.ts'
import type { PortTable } from './table-port.ts'
import type { Ports } from './walk-rows.ts'

/** What became of one table. */
export interface TableReport extends TableContent {
  readonly table: string
  /** How many of its rows this call stored; the others were there from an earlier one. */
  readonly copied: number
  /** How many rows this call removed that an earlier one had stored and the source has no more, or not like that. */
  readonly removed: number
}

/** How tables are copied. */
export interface CopyTablesOptions {
  /** Rows in one transaction. */
  readonly batchSize: number
  /** Called whenever a table has been copied and compared. */
  readonly onTable?: ((table: TableReport) => void) | undefined
  /** Cleans the target of what removed rows left in its files. */
  readonly purge: () => Promise<void>
}

/** Rows that every new database has. */
const presetTables: ReadonlySet<string> = new Set(['tenants', 'users'])

/**
 * Copies everything from one open database to another, and compares both.
 *
 * Each change of the target is one transaction, and after each the target tells how far it got: empty, marked as half a copy
 * of the source, or whole. So whoever calls this again after a crash goes on, and finds the same in the end.
 */
export async function copyTables(
  ports: Ports,
  options: CopyTablesOptions,
): Promise<readonly TableReport[]> {
  const { source, target } = ports
  const tables = await listTables(ports)
  const id = await source.readFact('id')
  const state = await readState(ports, tables, id)
  if (state === 'whole') return await compareTables(ports, options)
  const presets = tables.filter(({ name }) => presetTables.has(name))
  if (state === 'empty') await target.mark({ name: partialCopyFact, value: id, emptied: presets })
  const removed = state === 'half' ? await removeAllStrangers(ports, tables, options) : new Map()
  const reports: TableReport[] = []
  for (const table of tables) {
    const walk = { table, batchSize: options.batchSize }
    const copied = await addMissing(ports, walk)
    const content = await compareTable(ports, walk)
    const report = { table: table.name, copied, removed: removed.get(table.name) ?? 0, ...content }
    options.onTable?.(report)
    reports.push(report)
  }
  await target.mark({ name: 'id', value: id, emptied: [] })
  await target.mark({ name: partialCopyFact, value: null, emptied: [] })
  return reports
}

/** Compares all tables and changes nothing; `conflict` where they differ. */
export async function compareTables(
  ports: Ports,
  { batchSize, onTable }: Pick<CopyTablesOptions, 'batchSize' | 'onTable'>,
): Promise<readonly TableReport[]> {
  const reports: TableReport[] = []
  for (const table of await listTables(ports)) {
    const content = await compareTable(ports, { table, batchSize })
    const report = { table: table.name, copied: 0, removed: 0, ...content }
    onTable?.(report)
    reports.push(report)
  }
  return reports
}

/** The tables of both; `storage_failed` when they are not the same. */
async function listTables({ source, target }: Ports): Promise<readonly PortTable[]> {
  const tables = await source.listTables()
  if (JSON.stringify(tables) === JSON.stringify(await target.listTables())) return tables
  throw new AppError(
    'storage_failed',
    `Cannot copy ${source.location} to ${target.location}: their tables differ. Open both with the same version of the program first.`,
  )
}

/** How far the target has got; `conflict` when it holds something else. */
async function readState(
  { source, target }: Ports,
  tables: readonly PortTable[],
  id: string | null,
): Promise<'empty' | 'half' | 'whole'> {
  const mark = await target.readFact(partialCopyFact)
  if (mark !== null && mark === id) return 'half'
  if (mark === null && (await target.readFact('id')) === id) return 'whole'
  for (const table of tables) {
    if (presetTables.has(table.name) && mark === null) continue
    if ((await target.countRows(table)) === 0) continue
    throw new AppError(
      'conflict',
      `Cannot copy ${source.location} to ${target.location}: the target is not empty. Choose an empty database.`,
      { data: { table: table.name } },
    )
  }
  return 'empty'
}

/**
 * Removes what is not in the source any more from half a copy, and from its files: it may be words that were forgotten there.
 * The files are cleaned in any case, as an earlier call may have been interrupted between the two.
 */
async function removeAllStrangers(
  ports: Ports,
  tables: readonly PortTable[],
  { batchSize, purge }: CopyTablesOptions,
): Promise<ReadonlyMap<string, number>> {
  const removed = new Map<string, number>()
  // What is computed from others comes last in the list, and goes first.
  for (const table of tables.toReversed()) {
    removed.set(table.name, await removeStrangers(ports, { table, batchSize }))
  }
  await purge()
  return removed
}

import { createHash } from 'node:crypto'
import { AppError } from '../../errors/app-error.ts'
import { keyOf, type PortRow } from './table-port.ts'
import { eachPair, eachRow, type Ports, type RowPair, type Walk } from './walk-rows.ts'

/** What a table holds, in both databases. */
export interface TableContent {
  readonly rows: number
  /** A hash of all rows in the order of their key. */
  readonly checksum: string
}

/**
 * Removes the rows of the target that the source does not have like that: they were changed or removed there since they
 * were copied. Returns how many.
 */
export async function removeStrangers(ports: Ports, walk: Walk): Promise<number> {
  const isStranger = ({ source, target }: RowPair): boolean =>
    target !== null && JSON.stringify(source) !== JSON.stringify(target)
  return await inBatches(ports, walk, {
    pick: (pair) => (isStranger(pair) ? pair.target : null),
    write: (rows) =>
      ports.target.removeRows(
        walk.table,
        rows.map((row) => keyOf(walk.table, row)),
      ),
  })
}

/** Stores the rows of the source that the target lacks. Returns how many. */
export async function addMissing(ports: Ports, walk: Walk): Promise<number> {
  return await inBatches(ports, walk, {
    pick: ({ source, target }) => (target === null ? source : null),
    write: (rows) => ports.target.writeRows(walk.table, rows),
  })
}

/** What both databases hold of a table; `conflict` when that is not the same. */
export async function compareTable({ source, target }: Ports, walk: Walk): Promise<TableContent> {
  const [expected, found] = await Promise.all([
    digest(eachRow(source, walk)),
    digest(eachRow(target, walk)),
  ])
  if (expected.checksum === found.checksum) return expected
  const { name } = walk.table
  throw new AppError(
    'conflict',
    `Cannot finish the copy to ${target.location}: the table ${name} has ${found.rows} rows there and ${expected.rows} in ${source.location}, or other ones. Stop what writes to either, and copy into an empty database.`,
    { data: { table: name } },
  )
}

/** Writes what is picked, a batch in each transaction; returns how many rows that were. */
async function inBatches(
  ports: Ports,
  walk: Walk,
  change: {
    pick(pair: RowPair): PortRow | null
    write(rows: readonly PortRow[]): Promise<void>
  },
): Promise<number> {
  let count = 0
  let rows: PortRow[] = []
  const write = async (): Promise<void> => {
    if (rows.length > 0) await change.write(rows)
    count += rows.length
    rows = []
  }
  for await (const pair of eachPair(ports, walk)) {
    const row = change.pick(pair)
    if (row !== null) rows.push(row)
    if (rows.length === walk.batchSize) await write()
  }
  await write()
  return count
}

async function digest(rows: AsyncIterable<PortRow>): Promise<TableContent> {
  const hash = createHash('sha256')
  let count = 0
  for await (const row of rows) {
    hash.update(JSON.stringify(row)).update('\n')
    count += 1
  }
  return { rows: count, checksum: hash.digest('hex') }
}

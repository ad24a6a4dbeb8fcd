import {
  keyOf,
  type PortRow,
  type PortTable,
  type PortValue,
  type TablePort,
} from './table-port.ts'

/** The two databases of a copy. */
export interface Ports {
  readonly source: TablePort
  readonly target: TablePort
}

/** Which rows are walked over. */
export interface Walk {
  readonly table: PortTable
  /** How many are read at once. */
  readonly batchSize: number
}

/** The rows that both databases have under one key; null where one of them has none. */
export interface RowPair {
  readonly source: PortRow | null
  readonly target: PortRow | null
}

/** Every row of a table in the order of its key; what is stored before the key that was read last is not seen. */
export async function* eachRow(
  port: TablePort,
  { table, batchSize }: Walk,
): AsyncGenerator<PortRow, void> {
  let after: PortRow | null = null
  for (;;) {
    const page: readonly PortRow[] = await port.readRows(table, { after, limit: batchSize })
    yield* page
    if (page.length < batchSize) return
    after = keyOf(table, page.at(-1) ?? [])
  }
}

/** Every key that one of the databases has, in their common order. */
export async function* eachPair(
  { source, target }: Ports,
  walk: Walk,
): AsyncGenerator<RowPair, void> {
  const [from, to] = [eachRow(source, walk), eachRow(target, walk)]
  let [left, right] = [await nextRow(from), await nextRow(to)]
  while (left !== null || right !== null) {
    const order = compareRows(walk.table, left, right)
    yield { source: order <= 0 ? left : null, target: order >= 0 ? right : null }
    if (order <= 0) left = await nextRow(from)
    if (order >= 0) right = await nextRow(to)
  }
}

async function nextRow(rows: AsyncGenerator<PortRow, void>): Promise<PortRow | null> {
  return (await rows.next()).value ?? null
}

/** Which row comes first, as below or above 0; a row that is not there comes last. */
function compareRows(table: PortTable, left: PortRow | null, right: PortRow | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  const its = keyOf(table, right)
  for (const [index, value] of keyOf(table, left).entries()) {
    const order = compareValues(value, its[index] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** The databases order texts by their bytes, which the language does not. */
function compareValues(left: PortValue, right: PortValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
}

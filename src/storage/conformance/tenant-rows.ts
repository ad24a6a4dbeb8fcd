import { hash } from 'node:crypto'
import { openPort } from '../copy/open-port.ts'
import type { PortRow, PortTable, TablePort } from '../copy/table-port.ts'

/** More rows than a test's tenant has in any table. */
const pageSize = 10_000

/** A table with the rows that it holds of one tenant, or of all. */
export interface TableRows {
  readonly table: PortTable
  readonly rows: readonly PortRow[]
}

/** Every row of a tenant, table by table, as both engines show it. */
export async function readTenant(port: TablePort, tenantId: string): Promise<readonly TableRows[]> {
  const tables = await port.listTables()
  return await Promise.all(
    tables.map(async (table) => {
      const tenant = table.columns.indexOf('tenant_id')
      const rows = await port.readRows(table, { after: null, limit: pageSize })
      return { table, rows: rows.filter((row) => row[tenant] === tenantId) }
    }),
  )
}

/** How many rows a tenant has in each table of a database, with a checksum over them. */
export async function digestTenant(
  location: string,
  tenantId: string,
): Promise<ReadonlyMap<string, string>> {
  const port = await openPort({ location, isTarget: false })
  try {
    const tables = await readTenant(port, tenantId)
    return new Map(
      tables.map(({ table, rows }) => [
        table.name,
        `${rows.length} rows ${hash('sha256', JSON.stringify(rows))}`,
      ]),
    )
  } finally {
    await port.close()
  }
}

import type { TenantScope } from '../../src/domain/scope.ts'
import { World } from '../../src/storage/conformance/world.ts'
import { openSqlitePort } from '../../src/storage/copy/sqlite-port.ts'
import type { PortRow, PortTable, PortValue } from '../../src/storage/copy/table-port.ts'
import { toScopeToken } from '../../src/storage/engine/search-tokens.ts'
import { openStore } from '../../src/storage/open-store.ts'

/** The rows of one agent with a history, as a store wrote them. */
export interface Template {
  readonly scope: TenantScope
  readonly agentId: string
  readonly tables: readonly TemplateTable[]
}

/** The rows of one table, without those that a tenant has once. */
export interface TemplateTable {
  readonly table: PortTable
  readonly rows: readonly PortRow[]
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Columns whose numbers grow over the whole tenant. */
const growing = new Set(['sequence', 'message_sequence', 'first_sequence'])

/** More than the numbers that one agent's history takes. */
const span = 100_000

const words =
  'drone roof spring battery flight charger letter garden kitchen window river music'.split(' ')

/** Has a store write one agent with `exchanges` messages and answers. */
export async function createTemplate(folder: string, exchanges: number): Promise<Template> {
  const store = await openStore({ location: folder })
  const world = new World(store)
  const agent = await world.agent({}, [world.newBlock({ value: 'x'.repeat(500) })])
  for (let index = 0; index < exchanges; index += 1) {
    const text = (from: number): string =>
      Array.from({ length: 8 }, (_, step) => words[(index * from + step * 5) % words.length]).join(
        ' ',
      )
    await world.exchange(agent, text(3), text(7))
  }
  await store.close()
  const port = await openSqlitePort({ location: folder, isTarget: false })
  const tables: TemplateTable[] = []
  for (const table of await port.listTables()) {
    const rows = await port.readRows(table, { after: null, limit: 1_000_000 })
    const isOnce = ['tenants', 'users', 'access_keys', 'sequences'].includes(table.name)
    if (!isOnce && rows.length > 0) tables.push({ table, rows })
  }
  await port.close()
  return { scope: world.scope, agentId: agent.id, tables }
}

/** The rows of a table for the agent with a number: its own ids and numbers, everything else alike. */
export function cloneRows(
  template: Template,
  { table, rows }: TemplateTable,
  number: number,
): PortRow[] {
  const { tenantId, userId } = template.scope
  const change = (text: string): string =>
    text.replaceAll(uuid, (id) =>
      tenantId.endsWith(id) || userId.endsWith(id) ? id : renumber(id, number),
    )
  const ownerId = cloneId(template, number)
  const token = toScopeToken({ kind: 'messages', tenantId, ownerId })
  return rows.map((row) =>
    row.map((value, index) => changeValue(value, table.columns[index] ?? '')),
  )

  function changeValue(value: PortValue, column: string): PortValue {
    if (column === 'tenant_scope') return token
    if (typeof value === 'string') return change(value)
    return typeof value === 'number' && growing.has(column) ? value + number * span : value
  }
}

/** The id of the agent with a number. */
export function cloneId(template: Template, number: number): string {
  return template.agentId.replace(uuid, (id) => renumber(id, number))
}

function renumber(id: string, number: number): string {
  return `${number.toString(16).padStart(8, '0')}${id.slice(8)}`
}

/** The number that the tenant's next row gets after `count` agents. */
export function lastSequence(count: number): number {
  return (count + 1) * span
}

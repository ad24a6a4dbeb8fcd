import type { TenantScope } from '../../src/domain/scope.ts'
import { World } from '../../src/storage/conformance/world.ts'
import { openSqlitePort } from '../../src/storage/copy/sqlite-port.ts'
import type { PortRow, PortTable } from '../../src/storage/copy/table-port.ts'
import { toScopeToken } from '../../src/storage/engine/search-tokens.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createTexts, findSearches, type Searches } from './words.ts'

/** The rows of one agent with a history, as a store wrote them, ready to be cloned. */
export interface Template {
  readonly scope: TenantScope
  readonly agentId: string
  readonly tables: readonly TemplateTable[]
  /** What was said, oldest first. */
  readonly texts: readonly string[]
  /** What its texts can be searched for. */
  readonly searches: Searches
}

/** The rows of one table, without those that a tenant has once; {@link agentMark} stands where a clone's number goes. */
export interface TemplateTable {
  readonly table: PortTable
  readonly rows: readonly PortRow[]
}

/** Stands in ids for the eight digits that tell agents apart. */
export const agentMark = '\u241f'

/** More than the numbers that one agent's history takes. */
export const span = 100_000

/** Tables with rows that a tenant has once, not once for each agent. */
const tenantTables = [
  'tenants',
  'users',
  'access_keys',
  'sequences',
  'memory_numbers',
  'agent_counts',
]

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Has a store write one agent with `exchanges` messages and answers. */
export async function createTemplate(folder: string, exchanges: number): Promise<Template> {
  const store = await openStore({ location: folder })
  const world = new World(store)
  const agent = await world.agent({}, [world.newBlock({ value: 'x'.repeat(500) })])
  const nextText = createTexts(exchanges)
  const texts: string[] = []
  for (let index = 0; index < exchanges; index += 1) {
    const [question, answer] = [nextText(), nextText()]
    texts.push(question, answer)
    await world.exchange(agent, question, answer)
  }
  await store.close()
  const port = await openSqlitePort({ location: folder, isTarget: false })
  const tables: TemplateTable[] = []
  for (const table of await port.listTables()) {
    const rows = await port.readRows(table, { after: null, limit: 1_000_000 })
    if (tenantTables.includes(table.name) || rows.length === 0) continue
    tables.push({ table, rows: rows.map((row) => row.map(mark)) })
  }
  await port.close()
  const { scope } = world
  return { scope, agentId: agent.id, tables, texts, searches: findSearches(texts) }

  function mark(value: PortRow[number]): PortRow[number] {
    if (typeof value !== 'string') return value
    const { tenantId, userId } = world.scope
    return value.replaceAll(uuid, (id) =>
      tenantId.endsWith(id) || userId.endsWith(id) ? id : `${agentMark}${id.slice(8)}`,
    )
  }
}

/** The eight digits of an agent's ids. */
export function digitsOf(number: number): string {
  return number.toString(16).padStart(8, '0')
}

/** The id of the agent with a number. */
export function cloneId(template: Template, number: number): string {
  return template.agentId.replace(uuid, (id) => `${digitsOf(number)}${id.slice(8)}`)
}

/** What stands for the agent with a number in the full-text index. */
export function cloneScope(template: Template, number: number): string {
  const { tenantId } = template.scope
  return toScopeToken({ kind: 'messages', tenantId, ownerId: cloneId(template, number) })
}

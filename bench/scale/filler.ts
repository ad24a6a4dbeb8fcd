import { searchDocuments, type PortTable } from '../../src/storage/copy/table-port.ts'
import { agentMark, span, type TemplateTable } from './template.ts'

/** Clones a template's agent in one database. */
export interface Filler {
  /** Puts the template and the numbers of the agents beside the tables, and the indexes aside. */
  begin(agents: number): Promise<void>
  /** Writes the agents from one number to another. */
  clone(first: number, last: number): Promise<void>
  /** Writes what the tenant has once, and makes the indexes. */
  finish(totals: { readonly agents: number; readonly lastSequence: number }): Promise<void>
  close(): Promise<void>
}

/** Columns whose numbers grow over the whole tenant. */
const growing = new Set(['sequence', 'message_sequence', 'first_sequence'])

/** The table whose changes have numbers of the tenant, too; elsewhere a number counts within something of an agent. */
const numbered = 'memory_changes'

/** The name of the table that holds a template's rows. */
export function templateName(table: PortTable): string {
  return `template_${table.name}`
}

/**
 * The statement that clones a table's rows for the agents between two numbers. `clones` holds the number, digits and
 * scope of each agent; `computed` = columns that the engine has beside those of the template, with their expressions.
 */
export function cloneStatement(
  { table, rows }: TemplateTable,
  options: {
    readonly computed: Readonly<Record<string, string>>
    readonly marks: readonly [string, string]
  },
): string {
  const { computed, marks } = options
  const expressions = table.columns.map((column, index) => {
    if (column === 'tenant_scope') return 'clone.scope'
    const isNumber = table.name === numbered && column === 'number'
    if (growing.has(column) || isNumber) return `t."${column}" + clone.number * ${span}`
    const isMarked = rows.some((row) => String(row[index]).includes(agentMark))
    return isMarked ? `replace(t."${column}", '${agentMark}', clone.digits)` : `t."${column}"`
  })
  const isIndex = table.name === searchDocuments.name
  const added = isIndex ? Object.entries(computed) : []
  const columns = [...table.columns, ...added.map(([column]) => column)]
  return `INSERT INTO ${table.name} (${columns.map((column) => `"${column}"`).join(', ')})
    SELECT ${[...expressions, ...added.map(([, expression]) => expression)].join(', ')}
    FROM clones clone CROSS JOIN ${templateName(table)} t
    WHERE clone.number BETWEEN ${marks[0]} AND ${marks[1]} ORDER BY clone.number, t.row_number`
}

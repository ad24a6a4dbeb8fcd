import type { SqlOutput, SqlRow } from './sql-value.ts'

/**
 * How a field is kept in its column. `moment` is a time that may be null and is kept as 0 then, so that "never" sorts
 * before every time.
 */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'json' | 'moment'

/** Makes the item of the columns of a row that begin at an offset. */
export type RowReader<Item> = (row: SqlRow, offset: number) => Item

/**
 * A reader of items with these fields, in the order of their columns.
 *
 * It is made as the text of one object literal, `({ id: row[offset], isError: boolean(row[offset + 1]), … })`, as a
 * person would write it for each table: setting one field after the other in a loop makes a list of messages take a
 * third longer. The names are those of the program; throws `TypeError` for one that is more than a name.
 */
export function compileReader<Item>(
  fields: readonly (readonly [name: string, kind: ColumnKind])[],
): RowReader<Item> {
  const members = fields.map(([name, kind], index) => {
    if (!/^[a-z][A-Za-z]*$/.test(name)) throw new TypeError(`Cannot read a field called ${name}`)
    const column = `row[offset + ${index}]`
    return `${name}: ${kind in conversions ? `${kind}(${column})` : column}`
  })
  const literal = `return (row, offset) => ({ ${members.join(', ')} })`
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is made of names of fields that were just checked
  const compile = new Function(...Object.keys(conversions), literal)
  return compile(...Object.values(conversions)) as RowReader<Item>
}

/** What is made of columns that do not hold the value itself; null stays null. */
const conversions = {
  boolean: (value: SqlOutput): boolean | null => (value === null ? null : value === 1),
  moment: (value: SqlOutput): SqlOutput => (value === 0 ? null : value),
  json(value: SqlOutput): unknown {
    if (value === null) return null
    if (value === '[]') return []
    if (value === '{}') return {}
    return JSON.parse(String(value))
  },
}

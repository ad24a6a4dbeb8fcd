import { compileReader, type ColumnKind, type RowReader } from './row-reader.ts'
import {
  toExpression,
  toJsonColumn,
  type SqlExpression,
  type SqlInput,
  type SqlRow,
} from './sql-value.ts'

/** The kind of each field of an item. */
export type Columns<Item> = { readonly [Key in keyof Item]-?: ColumnKind }

/** What a {@link Table} is made of. */
export interface TableDefinition<Item> {
  readonly name: string
  /** The fields of an item; a field `someName` is the column `some_name`. */
  readonly columns: Columns<Item>
  /** Further columns that only the engine uses, written by {@link Table.insert} after those of the item. */
  readonly engineColumns?: readonly string[]
}

/** Where a table sends its changes; nobody waits for how many rows they touch. */
export interface ChangeTarget {
  /** Sends a change. What it fails with ends the operation, at the latest when it commits. */
  post(sql: string, ...values: SqlInput[]): void
}

/** A tenant's table of items, the same on every engine: turns items into rows and back. */
export class Table<Item extends object> {
  /** How many columns {@link Table.list} names. */
  readonly width: number
  readonly #name: string
  readonly #keys: readonly (keyof Item & string)[]
  readonly #kinds: readonly ColumnKind[]
  readonly #kindOf: Columns<Item>
  readonly #lists = new Map<string, string>()
  /** Made when the first row is read. */
  #reader: RowReader<Item> | null = null
  readonly #insertInto: string
  readonly #insert: string

  constructor(definition: TableDefinition<Item>) {
    this.#name = definition.name
    this.#kindOf = definition.columns
    this.#keys = Object.keys(definition.columns) as (keyof Item & string)[]
    this.#kinds = this.#keys.map((key) => definition.columns[key])
    this.width = this.#keys.length
    const columns = ['tenant_id', ...this.#keys.map(toColumn), ...(definition.engineColumns ?? [])]
    const marks = columns.map(() => '?').join(', ')
    this.#insertInto = `INSERT INTO ${definition.name} (${columns.join(', ')})`
    this.#insert = `${this.#insertInto} VALUES (${marks})`
  }

  /** The columns of an item for a SELECT, each prefixed with the alias of the table. */
  list(alias: string): string {
    const known = this.#lists.get(alias)
    if (known !== undefined) return known
    const list = this.#keys.map((key) => `${alias}.${toColumn(key)}`).join(', ')
    this.#lists.set(alias, list)
    return list
  }

  /** The item in a row whose columns from `offset` are those of {@link Table.list}. */
  read(row: SqlRow, offset = 0): Item {
    this.#reader ??= compileReader<Item>(this.#keys.map((key) => [key, this.#kindOf[key]]))
    return this.#reader(row, offset)
  }

  /** Stores an item; `engineValues` fill the engine's own columns. */
  insert(
    target: ChangeTarget,
    tenantId: string,
    row: { readonly item: Item; readonly engineValues?: readonly SqlInput[] },
  ): void {
    const { item, engineValues = [] } = row
    target.post(this.#insert, tenantId, ...this.#toValues(item), ...engineValues)
  }

  /** Stores an item as {@link Table.insert} does, some columns of which the database works out itself. */
  insertComputed(
    target: ChangeTarget,
    tenantId: string,
    row: {
      readonly item: Item
      /** In the place of the item's own values. */
      readonly computed: { readonly [Key in keyof Item]?: SqlExpression }
      readonly engineValues?: readonly (SqlInput | SqlExpression)[]
      /** Stored only when this holds. Default: always. */
      readonly onlyIf?: SqlExpression
    },
  ): void {
    const { item, computed, engineValues = [], onlyIf } = row
    const values = this.#toValues(item).map((value, index) => {
      const key = this.#keys[index]
      return (key === undefined ? undefined : computed[key]) ?? value
    })
    const parts = [tenantId, ...values, ...engineValues].map(toExpression)
    const list = parts.map(({ sql }) => sql).join(', ')
    target.post(
      `${this.#insertInto} ${onlyIf === undefined ? `VALUES (${list})` : `SELECT ${list} WHERE ${onlyIf.sql}`}`,
      ...parts.flatMap((part) => part.values),
      ...(onlyIf?.values ?? []),
    )
  }

  /** Changes the fields of one item that are present in `set`. */
  update(
    target: ChangeTarget,
    key: { readonly tenantId: string; readonly id: string },
    set: Partial<Item>,
  ): void {
    const changed = this.#keys.filter((name) => set[name] !== undefined)
    if (changed.length === 0) return
    const assignments = changed.map((name) => `${toColumn(name)} = ?`).join(', ')
    target.post(
      `UPDATE ${this.#name} SET ${assignments} WHERE tenant_id = ? AND id = ?`,
      ...changed.map((name) => intoColumn(set[name], this.#kindOf[name])),
      key.tenantId,
      key.id,
    )
  }

  #toValues(item: Item): SqlInput[] {
    const values: SqlInput[] = []
    for (let index = 0; index < this.width; index += 1) {
      const key = this.#keys[index]
      const kind = this.#kinds[index]
      if (key !== undefined && kind !== undefined) values.push(intoColumn(item[key], kind))
    }
    return values
  }
}

function toColumn(key: string): string {
  return `"${key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}"`
}

function intoColumn(value: unknown, kind: ColumnKind): SqlInput {
  if (value === null || value === undefined) return kind === 'moment' ? 0 : null
  if (kind === 'boolean') return value === true ? 1 : 0
  if (kind === 'json') return toJsonColumn(value)
  if (typeof value === 'number' || typeof value === 'string') return value
  throw new TypeError('Cannot store a value that is neither a number nor a text')
}

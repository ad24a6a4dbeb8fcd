import type { SqlInput } from './sql-value.ts'

/** A piece of SQL with the values of its question marks. */
export interface QueryPart<Value> {
  readonly sql: string
  readonly values: readonly Value[]
}

/** What the engines say each in their own SQL. */
export interface Dialect<Value> {
  /** That an expression is one of some values. */
  isAmong(expression: string, values: readonly (number | string)[]): QueryPart<Value>
  /** That a text contains another without regard to case. */
  contains(expression: string, part: string): QueryPart<Value>
  /** That the JSON object in a column has a member with this value. */
  hasMember(column: string, name: string, value: string | boolean): QueryPart<Value>
  /** The member of the JSON object in a column, null when there is none; `name` is part of the SQL. */
  member(column: string, name: string): string
  /** The texts of the JSON list in a column as rows of a FROM, each the `value` of the alias. */
  items(column: string, alias: string): string
}

/** Collects the conditions of a query with their values. */
export class QueryConditions<Value> {
  /** What the engine says in its own SQL. */
  readonly dialect: Dialect<Value>
  readonly #parts: string[] = []
  readonly #values: (SqlInput | Value)[] = []

  constructor(dialect: Dialect<Value>) {
    this.dialect = dialect
  }

  /** The values in the order of their question marks. */
  get values(): readonly (SqlInput | Value)[] {
    return this.#values
  }

  /** All conditions, joined by AND. */
  get sql(): string {
    return this.#parts.join(' AND ')
  }

  /** Adds a condition. */
  add(sql: string, ...values: (SqlInput | Value)[]): this {
    this.#parts.push(sql)
    this.#values.push(...values)
    return this
  }

  /** Adds `expression = value` when there is a value. */
  equal(expression: string, value: SqlInput | undefined): this {
    return value === undefined ? this : this.add(`${expression} = ?`, value)
  }

  /** Adds that an expression is one of some values, when they are given. */
  oneOf(expression: string, values: readonly (number | string)[] | undefined): this {
    return values === undefined ? this : this.#addPart(this.dialect.isAmong(expression, values))
  }

  /** Adds that a text contains another without regard to case, when it is given. */
  contains(expression: string, part: string | undefined): this {
    return part === undefined ? this : this.#addPart(this.dialect.contains(expression, part))
  }

  /** Adds that a JSON object has these members with these values, when they are given. */
  hasMembers(
    column: string,
    members: Readonly<Record<string, string | boolean>> | undefined,
  ): this {
    for (const [name, value] of Object.entries(members ?? {})) {
      this.#addPart(this.dialect.hasMember(column, name, value))
    }
    return this
  }

  #addPart({ sql, values }: QueryPart<Value>): this {
    return this.add(sql, ...values)
  }
}

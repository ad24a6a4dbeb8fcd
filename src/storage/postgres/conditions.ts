import type { SqlValue } from './sql-connection.ts'

/** Collects the conditions of a query with their values. */
export class Conditions {
  readonly #parts: string[] = []
  readonly #values: SqlValue[] = []

  /** The values in the order of their question marks. */
  get values(): readonly SqlValue[] {
    return this.#values
  }

  /** All conditions, joined by AND. */
  get sql(): string {
    return this.#parts.join(' AND ')
  }

  /** Adds a condition. */
  add(sql: string, ...values: SqlValue[]): this {
    this.#parts.push(sql)
    this.#values.push(...values)
    return this
  }

  /** Adds `expression = value` when there is a value. */
  equal(expression: string, value: SqlValue | undefined): this {
    return value === undefined ? this : this.add(`${expression} = ?`, value)
  }

  /** Adds that an expression is one of some values, when they are given. */
  oneOf(expression: string, values: readonly (number | string)[] | undefined): this {
    return values === undefined ? this : this.add(`${expression} = ANY(?)`, values)
  }

  /** Adds that a JSON object has these members with these values, when they are given. */
  hasMembers(
    column: string,
    members: Readonly<Record<string, string | boolean>> | undefined,
  ): this {
    for (const [name, value] of Object.entries(members ?? {})) {
      this.add(`${column}::jsonb -> ? = ?::jsonb`, name, JSON.stringify(value))
    }
    return this
  }

  /** Adds that a text contains another without regard to case, when it is given. */
  contains(expression: string, part: string | undefined): this {
    if (part === undefined) return this
    return this.add(`strpos(letta_fold(${expression}), letta_fold(?)) > 0`, part)
  }
}

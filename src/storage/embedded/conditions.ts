import type { SqlInput } from '../engine/sql-value.ts'

/** Collects the conditions of a query with their values. */
export class Conditions {
  readonly #parts: string[] = []
  readonly #values: SqlInput[] = []

  /** The values in the order of their question marks. */
  get values(): readonly SqlInput[] {
    return this.#values
  }

  /** All conditions, joined by AND. */
  get sql(): string {
    return this.#parts.join(' AND ')
  }

  /** Adds a condition. */
  add(sql: string, ...values: SqlInput[]): this {
    this.#parts.push(sql)
    this.#values.push(...values)
    return this
  }

  /** Adds `expression = value` when there is a value. */
  equal(expression: string, value: SqlInput | undefined): this {
    return value === undefined ? this : this.add(`${expression} = ?`, value)
  }

  /** Adds that an expression is one of some values, when they are given. */
  oneOf(expression: string, values: readonly SqlInput[] | undefined): this {
    if (values === undefined) return this
    return this.add(`${expression} IN (SELECT value FROM json_each(?))`, JSON.stringify(values))
  }

  /** Adds that a text contains another without regard to case, when it is given. */
  contains(expression: string, part: string | undefined): this {
    if (part === undefined) return this
    return this.add(`instr(fold(${expression}), ?) > 0`, part.toLowerCase())
  }

  /** Adds that a JSON object has these members with these values, when they are given. */
  hasMembers(
    column: string,
    members: Readonly<Record<string, string | boolean>> | undefined,
  ): this {
    for (const [name, value] of Object.entries(members ?? {})) {
      const path = `$."${name.replaceAll('"', '')}"`
      this.add(`json_extract(${column}, ?) = json_extract(?, '$')`, path, JSON.stringify(value))
    }
    return this
  }
}

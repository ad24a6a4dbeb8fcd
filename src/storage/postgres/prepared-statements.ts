/** A statement that one connection has prepared. */
export interface PreparedStatement {
  /** `unknown` when the batch that was to prepare it failed there or before: an earlier batch may have prepared it. */
  state: 'prepared' | 'unknown'
  /** What reads the columns of its rows; null until it was done once. */
  columns: ((value: string) => unknown)[] | null
}

/** What one connection has prepared, so that a statement is read and described by the server once. */
export class PreparedStatements {
  readonly #statements = new Map<string, PreparedStatement>()

  /** A statement by its name; undefined when it was never sent. */
  find(name: string): PreparedStatement | undefined {
    return this.#statements.get(name)
  }

  /** Remembers a statement that is being sent. */
  add(name: string): PreparedStatement {
    const statement: PreparedStatement = { state: 'prepared', columns: null }
    this.#statements.set(name, statement)
    return statement
  }

  /** Takes back that a statement was prepared: nobody knows. */
  doubt(name: string): void {
    this.#statements.set(name, { state: 'unknown', columns: null })
  }
}

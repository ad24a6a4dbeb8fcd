import { hash } from 'node:crypto'

/** A statement as the server knows it. */
export interface StatementText {
  readonly text: string
  /** Prepared under this name once per connection. */
  readonly name: string
}

/** More texts than the operations can produce; a guard against leaks, not a working limit. */
const mostTexts = 2000

/** The statements of the operations with numbered marks and names. */
export class StatementTexts {
  readonly #texts = new Map<string, StatementText>()

  /** The statement of a text with question marks. */
  find(sql: string): StatementText {
    const known = this.#texts.get(sql)
    if (known !== undefined) return known
    let count = 0
    const text = sql.replaceAll('?', () => `$${(count += 1)}`)
    const statement = { text, name: `letta_${hash('sha256', text, 'hex').slice(0, 24)}` }
    if (this.#texts.size >= mostTexts) this.#texts.clear()
    this.#texts.set(sql, statement)
    return statement
  }
}

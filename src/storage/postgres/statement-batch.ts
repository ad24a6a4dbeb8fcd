import pg, { type Connection, type Submittable } from 'pg'
import type { SqlOutput, SqlRow } from '../engine/sql-value.ts'
import type { PreparedStatement, PreparedStatements } from './prepared-statements.ts'
import type { StatementText } from './statement-texts.ts'
import { getTypeParser } from './type-parser.ts'

/** What came of a statement. */
export interface Answer {
  readonly rows: readonly SqlRow[]
  /** How many rows it touched or found. */
  readonly count: number
}

/** A statement on its way. */
export interface BatchStatement extends StatementText {
  readonly values: readonly (string | null)[]
  /** Called with the answer once the whole batch has one, in the order of the statements. */
  onAnswer(answer: Answer): void
  /** Called instead when it failed, or was not done because an earlier one failed ({@link StatementSkipped}). */
  onFailure(error: Error): void
}

/** What a statement fails with that the server passed over, as an earlier one of its batch had failed. */
export class StatementSkipped extends Error {
  constructor() {
    super('an earlier statement of the same batch failed')
  }
}

/**
 * Statements that are sent together and answered together: with one Sync behind them all, so that the server writes its
 * answers as one piece, where the driver by itself has it write each one. When a statement fails, those behind it are
 * not done.
 */
export class StatementBatch implements Submittable {
  /** Resolves when everybody was told what became of their statements. */
  readonly done: Promise<void>
  readonly #prepared: PreparedStatements
  readonly #answerWithinMs: number
  readonly #statements: Sent[] = []
  readonly #answers: Answer[] = []
  #rows: SqlRow[] = []
  #isOver = false
  #deadline: NodeJS.Timeout | undefined
  #resolve: () => void = () => undefined

  /** A server that has not answered within so many milliseconds counts as lost, with its connection. */
  constructor(prepared: PreparedStatements, answerWithinMs: number) {
    this.#prepared = prepared
    this.#answerWithinMs = answerWithinMs
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Whether everybody was told. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Adds a statement; only before the batch is sent. */
  add(statement: BatchStatement): void {
    this.#statements.push({ statement, prepared: null, isNew: false })
  }

  /** Writes the statements to the connection. Called by the driver. */
  submit(connection: Connection): void {
    const { stream } = connection
    stream.cork()
    for (const sent of this.#statements) this.#write(connection, sent)
    connection.sync()
    stream.uncork()
    // A server whose machine is gone says nothing, and the network finds out in a quarter of an hour.
    this.#deadline = setTimeout(() => {
      stream.destroy(new Error('connection terminated: the server does not answer'))
    }, this.#answerWithinMs)
  }

  #write(connection: Connection, sent: Sent): void {
    const { name, text, values } = sent.statement
    const known = this.#prepared.find(name)
    sent.isNew = known === undefined || known.state === 'unknown'
    if (known?.state === 'unknown') connection.close({ type: 'S', name }, true)
    if (sent.isNew) connection.parse({ name, text, types: [] }, true)
    sent.prepared = sent.isNew ? this.#prepared.add(name) : (known ?? null)
    connection.bind({ statement: name, values: [...values] }, true)
    if (sent.prepared?.columns === null) connection.describe({ type: 'P', name: '' }, true)
    connection.execute({}, true)
  }

  /** Takes the columns of the next answer. Called by the driver, as all that follows. */
  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    const prepared = this.#current?.prepared
    if (prepared === undefined || prepared === null) return
    prepared.columns = fields.map(({ dataTypeID, format }) => getTypeParser(dataTypeID, format))
  }

  /** Takes a row of the next answer. */
  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#current?.prepared?.columns ?? []
    const row: SqlOutput[] = []
    for (let index = 0; index < fields.length; index += 1) {
      const value = fields[index] ?? null
      const parse = columns[index]
      row.push(value === null || parse === undefined ? value : (parse(value) as SqlOutput))
    }
    this.#rows.push(row)
  }

  /** Takes the end of an answer, which ends with a count where there is one: `INSERT 0 2`. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const prepared = this.#current?.prepared
    if (prepared !== undefined && prepared !== null) prepared.columns ??= []
    const count = Number(text.slice(text.lastIndexOf(' ') + 1))
    this.#answers.push({ rows: this.#rows, count: Number.isNaN(count) ? 0 : count })
    this.#rows = []
  }

  /** Tells everybody: the server has done it all. */
  handleReadyForQuery(): void {
    this.#end(null)
  }

  /** Tells everybody: the next statement failed, or the connection is lost. */
  handleError(error: Error, connection: Connection): void {
    if (!(error instanceof pg.DatabaseError)) {
      this.#end(error)
      return
    }
    // The driver takes no other batch before the server says that it is ready, which a dying one does not.
    const onReady = (): void => {
      connection.off('readyForQuery', onReady)
      connection.off('end', onReady)
      this.#end(error)
    }
    connection.on('readyForQuery', onReady)
    connection.on('end', onReady)
  }

  /** The statement that is answered next. */
  get #current(): Sent | undefined {
    return this.#statements[this.#answers.length]
  }

  #end(failure: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#deadline)
    const answered = this.#answers.length
    for (const [index, { statement, isNew }] of this.#statements.entries()) {
      const answer = this.#answers[index]
      if (answer !== undefined) {
        statement.onAnswer(answer)
        continue
      }
      const isFirst = index === answered
      if (isNew) this.#prepared.doubt(statement.name)
      statement.onFailure(isFirst && failure !== null ? failure : new StatementSkipped())
    }
    this.#resolve()
  }
}

/** A statement with what its connection knows of it. */
interface Sent {
  readonly statement: BatchStatement
  prepared: PreparedStatement | null
  /** Whether this batch prepares it. */
  isNew: boolean
}

/** A column as the server describes it. */
interface Field {
  readonly dataTypeID: number
  readonly format: 'text' | 'binary'
}

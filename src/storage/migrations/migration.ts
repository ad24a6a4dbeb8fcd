/** One step of the database's shape. Never changed once released: a later step corrects it. */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number
  /** A few words for people. */
  readonly name: string
  /** The statements for the embedded engine. */
  readonly embedded: string
  /** The statements for PostgreSQL; absent when it has nothing to do. */
  readonly postgres?: string
}

/** The part of a logger that the runtime needs; pino fits. */
export interface RuntimeLogger {
  /** Something an operator should look at; `fields` carries ids and the error, never content. */
  error(fields: Readonly<Record<string, unknown>>, message: string): void
  /** Something unusual that was dealt with. */
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  /** What happened, for following along. */
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
}

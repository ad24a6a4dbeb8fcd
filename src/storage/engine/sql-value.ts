import { AppError } from '../../errors/app-error.ts'

/** What may be bound to a statement. */
export type SqlInput = null | number | string

/** A value that the database works out when the statement runs: an expression with the values of its question marks. */
export interface SqlExpression {
  readonly sql: string
  readonly values: readonly SqlInput[]
}

/** What a column may hold. */
export type SqlOutput = null | number | bigint | string | Uint8Array

/** A row as the list of its columns. */
export type SqlRow = readonly SqlOutput[]

/** A value as an expression. */
export function toExpression(value: SqlInput | SqlExpression): SqlExpression {
  return typeof value === 'object' && value !== null ? value : { sql: '?', values: [value] }
}

/** The text in a column that always has one. Throws `storage_corrupt` for anything else. */
export function asText(value: SqlOutput | undefined): string {
  if (typeof value === 'string') return value
  throw wrongType('text')
}

/** The whole number in a column that always has one. Throws `storage_corrupt` for anything else. */
export function asInteger(value: SqlOutput | undefined): number {
  if (typeof value === 'number') return value
  throw wrongType('a number')
}

/** The text in a column, or null. */
export function asOptionalText(value: SqlOutput | undefined): string | null {
  return value === null || value === undefined ? null : asText(value)
}

/** The whole number in a column, or null. */
export function asOptionalInteger(value: SqlOutput | undefined): number | null {
  return value === null || value === undefined ? null : asInteger(value)
}

/**
 * The value that {@link toJsonColumn} stored.
 *
 * The type is asserted, not checked: only this program writes these columns, and checking each row again would cost
 * more than reading it.
 */
export function asJson<Value>(value: SqlOutput | undefined): Value {
  return JSON.parse(asText(value)) as Value
}

/** A value as JSON text for a column. */
export function toJsonColumn(value: unknown): string {
  return JSON.stringify(value)
}

function wrongType(expected: string): AppError {
  return new AppError(
    'storage_corrupt',
    `Cannot read a row of the database: a column that must hold ${expected} does not. Restore a backup.`,
  )
}

import type { Store, StoreOperation } from '../store.ts'
import type { SqlConnection } from './sql-connection.ts'

/** The scope an operation takes. */
export type OperationScope<Name extends StoreOperation> = Parameters<Store[Name]>[0]

/** The input an operation takes, if any. */
export type OperationInput<Name extends StoreOperation> = Parameters<Store[Name]>[1]

/** What an operation resolves with. */
export type OperationResult<Name extends StoreOperation> = Awaited<ReturnType<Store[Name]>>

/**
 * One operation of the store, done on a connection inside a transaction that the caller opened.
 * Throws `AppError` or the driver's error; the caller rolls back.
 */
export type Operation<Name extends StoreOperation> = (
  connection: SqlConnection,
  scope: OperationScope<Name>,
  input: OperationInput<Name>,
) => Promise<OperationResult<Name>>

/** Several operations by name. */
export type Operations<Name extends StoreOperation> = { readonly [Each in Name]: Operation<Each> }

/**
 * Looks for what an operation stored whose answers were lost with the connection: resolves with what it would have
 * returned, or with null when nothing of it is stored. The lost connection cannot store anything any more by then.
 */
export type Recovery<Name extends StoreOperation> = (
  connection: SqlConnection,
  scope: OperationScope<Name>,
  input: OperationInput<Name>,
) => Promise<OperationResult<Name> | null>

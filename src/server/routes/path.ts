import type { IdentifierKind } from '../../domain/identifier.ts'
import { decodePathIdentifier } from '../../wire/identifier.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ApiContext } from '../api.ts'

/** A text of the path; empty when the route has none of that name. */
export function pathText(context: ApiContext, name: string): string {
  return context.req.param(name) ?? ''
}

/**
 * An identifier of the path.
 *
 * @throws AppError `validation_failed` when it does not have the form of its kind.
 */
export function pathId(context: ApiContext, kind: IdentifierKind): string {
  const name = `${kind}_id`
  return decodePathIdentifier(kind, name, pathText(context, name))
}

/**
 * The identifier of a run in the path, which the original checks in another way.
 *
 * @throws AppError `invalid_argument`.
 */
export function runIdOf(context: ApiContext): string {
  const id = pathText(context, 'run_id')
  if (/^(?:run|job)-[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id)) return id
  throw new AppError(
    'invalid_argument',
    `Invalid run ID format: ${id}. Use an id of the form run-{uuid4}.`,
  )
}

/** The parameters of the query. */
export function queryOf(context: ApiContext): URLSearchParams {
  return new URL(context.req.url).searchParams
}

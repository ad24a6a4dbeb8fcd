import { AppError } from '../../errors/app-error.ts'

/** What can be missing. */
export type StoredKind =
  | 'agent'
  | 'archive'
  | 'block'
  | 'conversation'
  | 'fact'
  | 'forgetting'
  | 'history'
  | 'job'
  | 'key'
  | 'message'
  | 'passage'
  | 'proposal'
  | 'run'
  | 'schedule'
  | 'step'
  | 'summary'
  | 'tool call'
  | 'turn'

/** The error for an object that does not exist, belongs to another tenant or lies outside of the caller's agents. */
export function notFound(kind: StoredKind, id: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the ${kind} ${id}: there is none with this id. Check the id.`,
    { data: { kind, id } },
  )
}

import { AppError } from '../../errors/app-error.ts'
import type { NewMessage } from '../contract/new-message.ts'

/** The messages that are new, each otid once, and how many are not. */
export function leaveOutKnown(
  messages: readonly NewMessage[],
  known: ReadonlyMap<string, string>,
): { readonly fresh: readonly NewMessage[]; readonly knownCount: number } {
  const seen = new Set(known.keys())
  const fresh = messages.filter(({ message }) => {
    const isFresh = !seen.has(message.otid)
    seen.add(message.otid)
    return isFresh
  })
  return { fresh, knownCount: messages.length - fresh.length }
}

/** There is no such import of the agent. */
export function importNotFound(importId: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the import ${importId}: the agent has none with this id. List its imports.`,
  )
}

/** Somebody talks in the conversation of the import. */
export function importIsRunning(importId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot add to the import ${importId}: a turn runs in its conversation. Try again when it has ended, or begin another import.`,
  )
}

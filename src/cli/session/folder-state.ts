import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createPrivateFile, readFileIfPresent, writePrivateFile } from '../../config/platform.ts'
import { isSystemError, systemReason } from '../../errors/system-reason.ts'
import { CliError } from '../cli-error.ts'

/** What decides which conversation is meant. */
export interface FolderKey {
  /** The local data folder, where the notes are kept. */
  readonly dataFolder: string
  /** The database the conversation is in, as `/v1/health` reports it. */
  readonly databaseId: string
  readonly agentId: string
  /** The folder the command was called in. */
  readonly folder: string
}

const stateSchema = z.lazy(() =>
  z.object({
    folder: z.string(),
    databaseId: z.string(),
    agentId: z.string(),
    conversationId: z.string(),
  }),
)

/** The conversation that was noted for a folder, or null. A note that cannot be read counts as none. */
export function readFolderConversation(key: FolderKey): string | null {
  const text = inNotes(key, readFileIfPresent)
  return text === null ? null : parseState(text)
}

/** Notes the conversation of a folder, in place of an earlier one. */
export function writeFolderConversation(key: FolderKey, conversationId: string): void {
  const state = renderState(key, conversationId)
  inNotes(key, (file) => writePrivateFile(file, state))
}

/**
 * Notes the conversation of a folder unless there is a note, and returns the one that counts: of two commands that
 * start at once in a new folder, both get the same.
 */
export function claimFolderConversation(key: FolderKey, conversationId: string): string {
  const state = renderState(key, conversationId)
  const text = inNotes(key, (file) => createPrivateFile(file, state))
  const noted = parseState(text)
  if (noted !== null) return noted
  writeFolderConversation(key, conversationId)
  return conversationId
}

function parseState(text: string): string | null {
  try {
    const result = stateSchema.safeParse(JSON.parse(text))
    return result.success ? result.data.conversationId : null
  } catch {
    // A damaged note costs a new conversation, nothing that was said.
    return null
  }
}

function renderState(key: FolderKey, conversationId: string): string {
  const { databaseId, agentId } = key
  const state = { folder: realFolder(key.folder), databaseId, agentId, conversationId }
  return `${JSON.stringify(state, null, 2)}\n`
}

/** One small file for each folder, so that two commands never write the same one for different folders. */
function stateFile(key: FolderKey): string {
  const text = [key.databaseId, key.agentId, realFolder(key.folder)].join('\n')
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32)
  return join(key.dataFolder, 'folders', `${name}.json`)
}

function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch (error) {
    if (!isSystemError(error)) throw error
    const state = folder.includes('\uFFFD')
      ? 'its name is no text in UTF-8. Rename it'
      : `${systemReason(error)}. Check its path`
    throw new CliError(`Cannot work in the folder ${folder}: ${state}, or go to another one.`)
  }
}

/** Reads or writes the note of a folder. Throws a {@link CliError} for a place of notes that cannot be used. */
function inNotes<Result>(key: FolderKey, work: (file: string) => Result): Result {
  const file = stateFile(key)
  try {
    return work(file)
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new CliError(
      `Cannot read or write ${file}, which notes the conversation of this folder: ${systemReason(error)}. ` +
        'Make it readable and writable, or remove it: then a new conversation begins.',
    )
  }
}

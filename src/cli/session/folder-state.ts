import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createPrivateFile, readFileIfPresent, writePrivateFile } from '../../config/platform.ts'

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
  const text = readFileIfPresent(stateFile(key))
  return text === null ? null : parseState(text)
}

/** Notes the conversation of a folder, in place of an earlier one. */
export function writeFolderConversation(key: FolderKey, conversationId: string): void {
  writePrivateFile(stateFile(key), renderState(key, conversationId))
}

/**
 * Notes the conversation of a folder unless there is a note, and returns the one that counts: of two commands that
 * start at once in a new folder, both get the same.
 */
export function claimFolderConversation(key: FolderKey, conversationId: string): string {
  const text = createPrivateFile(stateFile(key), renderState(key, conversationId))
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
  return realpathSync.native(folder)
}

import type { Conversation } from '@letta-ai/letta-client/resources/conversations/conversations'
import type { Client } from '../../../sdk/src/index.ts'
import { NotFoundError } from '@letta-ai/letta-client'
import {
  claimFolderConversation,
  type FolderKey,
  readFolderConversation,
  writeFolderConversation,
} from './folder-state.ts'

/** The conversation a command talks in. */
export interface FoundConversation {
  readonly conversation: Conversation
  /** Whether it was begun by this command. */
  readonly isNew: boolean
  /** Whether the folder's earlier one no longer exists. */
  readonly wasDeleted: boolean
}

/** The conversation of a folder; a new one when there is none, it was deleted, or `startNew` asks for it. */
export async function findConversation(
  client: Client,
  key: FolderKey,
  options: { readonly startNew: boolean },
): Promise<FoundConversation> {
  const noted = options.startNew ? null : readFolderConversation(key)
  if (noted !== null) {
    const conversation = await retrieveIfPresent(client, noted)
    if (conversation !== null) return { conversation, isNew: false, wasDeleted: false }
  }
  const conversation = await client.letta.conversations.create({ agent_id: key.agentId })
  if (options.startNew || noted !== null) {
    writeFolderConversation(key, conversation.id)
    return { conversation, isNew: true, wasDeleted: noted !== null }
  }
  return keepFirst(client, key, conversation)
}

/** Another command may have begun the folder's conversation at the same moment; then that one counts. */
async function keepFirst(
  client: Client,
  key: FolderKey,
  conversation: Conversation,
): Promise<FoundConversation> {
  const id = claimFolderConversation(key, conversation.id)
  if (id === conversation.id) return { conversation, isNew: true, wasDeleted: false }
  const first = await client.letta.conversations.retrieve(id)
  await client.letta.conversations.delete(conversation.id)
  return { conversation: first, isNew: false, wasDeleted: false }
}

async function retrieveIfPresent(client: Client, id: string): Promise<Conversation | null> {
  try {
    return await client.letta.conversations.retrieve(id)
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}

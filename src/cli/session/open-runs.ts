import type { Run } from '@letta-ai/letta-client/resources/agents/messages'
import type { Client } from '../../../sdk/src/index.ts'

/** The runs of a conversation that have not ended, oldest first. */
export async function listOpenRuns(
  client: Client,
  conversationId: string,
): Promise<readonly Run[]> {
  const page = await client.letta.runs.list({
    conversation_id: conversationId,
    active: true,
    limit: 20,
    order: 'asc',
  })
  return page.items
}

/** The newest run of a conversation, or null. */
export async function findLastRun(client: Client, conversationId: string): Promise<Run | null> {
  const page = await client.letta.runs.list({
    conversation_id: conversationId,
    limit: 1,
    order: 'desc',
  })
  return page.items[0] ?? null
}

import type { CliContext } from '../context.ts'
import { readFolderConversation } from '../session/folder-state.ts'
import { readHealth } from '../session/health.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** Lists an agent's conversations, newest first; the one of this folder is marked. */
export async function listConversations(
  context: CliContext,
  options: { readonly agent: string | undefined; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client, settings }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const conversations = await client.letta.conversations.list({
      agent_id: agent.id,
      limit: 100,
      order: 'desc',
    })
    if (options.json) {
      printJson(context, conversations)
      return
    }
    const health = await readHealth(client)
    const current = readFolderConversation({
      dataFolder: settings.home,
      databaseId: health.database_id ?? client.dataPath ?? 'unknown',
      agentId: agent.id,
      folder: context.folder,
    })
    const rows = conversations.map((conversation) => [
      conversation.id === current ? '*' : ' ',
      conversation.id,
      shortTime(conversation.last_message_at ?? conversation.created_at),
      conversation.summary ?? '',
    ])
    if (rows.length === 0) context.stderr.write('There are no conversations yet.\n')
    printLines(context, toColumns(rows))
  })
}

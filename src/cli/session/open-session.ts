import type { Agent, Client } from '../../../sdk/src/index.ts'
import { defaultAgentOptions, findAgent, findDefaultAgent } from './agents.ts'
import { findConversation } from './conversation.ts'
import { readHealth } from './health.ts'
import type { Settings } from '../../config/load-settings.ts'

/** Whom a command talks to, and where. */
export interface Session {
  readonly client: Client
  readonly agent: Agent
  readonly conversationId: string
  /** When something was last said there; null in a new conversation. */
  readonly lastSpokenAt: Date | null
  /** Sentences for standard error about what was found. */
  readonly notices: readonly string[]
  /** Removes what must not outlive the command. */
  dispose(): Promise<void>
}

/** Which agent and conversation. */
export interface SessionOptions {
  readonly client: Client
  readonly settings: Settings
  readonly folder: string
  /** An id or a name. Default: the default agent. */
  readonly agent?: string | undefined
  /** Begin a new conversation for this folder. */
  readonly startNew?: boolean | undefined
  /** Leave nothing behind. */
  readonly stateless?: boolean | undefined
}

/** Finds agent and conversation, and makes what does not exist yet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  if (options.stateless === true) return openStatelessSession(options)
  const { client } = options
  const [agent, health] = await Promise.all([chooseAgent(options), readHealth(client)])
  const found = await findConversation(
    client,
    {
      dataFolder: options.settings.home,
      databaseId: health.database_id ?? client.dataPath ?? 'unknown',
      agentId: agent.id,
      folder: options.folder,
    },
    { startNew: options.startNew === true },
  )
  const lastSpoken = found.conversation.last_message_at ?? null
  return {
    client,
    agent,
    conversationId: found.conversation.id,
    lastSpokenAt: lastSpoken === null ? null : new Date(lastSpoken),
    notices: found.wasDeleted
      ? ['The conversation of this folder was deleted; this is a new one.']
      : [],
    dispose: async () => undefined,
  }
}

/** The agent a command is about. */
export function chooseAgent(options: Pick<SessionOptions, 'client' | 'agent'>): Promise<Agent> {
  if (options.agent === undefined) return findDefaultAgent(options.client)
  return findAgent(options.client, options.agent)
}

/** A conversation of a named agent, or an agent, that is deleted afterwards. */
async function openStatelessSession(options: SessionOptions): Promise<Session> {
  const { client } = options
  const keepsAgent = options.agent !== undefined
  const agent = keepsAgent
    ? await chooseAgent(options)
    : await client.createAgent({ ...defaultAgentOptions(), tags: ['letta:stateless'] })
  const conversation = await client.letta.conversations.create({ agent_id: agent.id })
  return {
    client,
    agent,
    conversationId: conversation.id,
    lastSpokenAt: null,
    notices: [],
    dispose: async () => {
      if (keepsAgent) await client.letta.conversations.delete(conversation.id)
      else await client.letta.agents.delete(agent.id)
    },
  }
}

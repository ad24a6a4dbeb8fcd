import type { Agent, Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import { localTimezone } from './local-timezone.ts'

/** The tag that marks the agent commands use when they name none. */
export const defaultAgentTag = 'letta:default'

const defaultName = 'Letta'

const taskDescription =
  'What is being worked on, so that it can be taken up again later: the goal, where it stands, what comes next.'

/** The agent with an id or a name. */
export async function findAgent(client: Client, idOrName: string): Promise<Agent> {
  if (/^agent-[0-9a-f-]{36}$/.test(idOrName)) return client.letta.agents.retrieve(idOrName)
  const page = await client.letta.agents.list({ name: idOrName, limit: 5, order: 'asc' })
  const [agent, ...others] = page.items
  if (agent === undefined) {
    throw new CliError(
      `Cannot find the agent ${JSON.stringify(idOrName)}: none has this name. ` +
        'Run `letta agents list` to see them, or `letta agents create`.',
    )
  }
  if (others.length === 0) return agent
  const ids = page.items.map(({ id }) => id).join(', ')
  throw new CliError(
    `Cannot choose the agent ${JSON.stringify(idOrName)}: several have this name (${ids}). Give the id.`,
  )
}

/** The agent of commands that name none; made when there is none yet. */
export function findDefaultAgent(client: Client): Promise<Agent> {
  return client.getOrCreateAgent({ ...defaultAgentOptions(), by: 'tags' })
}

/** What the default agent is made from, and throw-away ones. */
export function defaultAgentOptions(): Parameters<Client['createAgent']>[0] {
  return {
    name: defaultName,
    blocks: [{ label: 'task', value: '', description: taskDescription }],
    tags: [defaultAgentTag],
    description: 'The agent of the command line.',
    timezone: localTimezone(),
  }
}

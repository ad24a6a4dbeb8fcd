import type { Agent, Client } from '../../../sdk/src/index.ts'

/** The model that quotes what is stored and calls no language model. */
export const offlineModel = 'letta/offline'

/** The model of agents for which nobody chose one. */
export const automaticModel = 'letta/auto'

/** The beginning of handles that stand for another model. */
const aliasPrefix = 'letta/'

/** Says on standard error that no model is connected. */
export const offlineNotice =
  'No model is connected: answers only quote what is stored. ' +
  'Set a key such as OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, and run `letta retry`.'

/** The handle of an agent's model, as the wire shows it. */
export function modelOf(agent: Agent): string {
  return agent.model ?? agent.llm_config.handle ?? agent.llm_config.model
}

/**
 * Whether a handle would be answered by the offline mode: it is named, or an alias stands for it. An alias is listed
 * with the address and the window of what it stands for, and only the offline mode has no address.
 */
export async function isOffline(client: Client, handle: string): Promise<boolean> {
  if (handle === offlineModel) return true
  if (!handle.startsWith(aliasPrefix)) return false
  const models = await client.letta.models.list()
  const alias = models.find((model) => model.handle === handle)
  const offline = models.find((model) => model.handle === offlineModel)
  if (alias === undefined || offline === undefined) return false
  const hasAddress = typeof alias.model_endpoint === 'string'
  return !hasAddress && alias.max_context_window === offline.max_context_window
}

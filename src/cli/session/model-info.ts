import type { Agent, Client } from '../../../sdk/src/index.ts'

/** The model that quotes what is stored and calls no language model. */
export const offlineModel = 'letta/offline'

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

/** Whether a handle would be answered by the offline mode: it is named, or an alias finds no other model. */
export async function isOffline(client: Client, handle: string): Promise<boolean> {
  if (handle === offlineModel) return true
  if (!handle.startsWith(aliasPrefix)) return false
  const models = await client.letta.models.list()
  return models.every((model) => (model.handle ?? '').startsWith(aliasPrefix))
}

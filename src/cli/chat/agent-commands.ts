import { renderContext } from '../actions/run-context.ts'
import { readBlocks, renderBlocks } from '../actions/run-memory.ts'
import { switchModel } from '../actions/run-model.ts'
import { modelOf } from '../session/model-info.ts'
import type { Session } from '../session/open-session.ts'

/** `/model`: the agent's model, or another one from now on. */
export async function showOrSwitchModel({ client, agent }: Session, name: string): Promise<string> {
  if (name !== '') return await switchModel(client, { agent, name })
  return modelOf(await client.letta.agents.retrieve(agent.id))
}

/** `/memory`: all blocks, or the one with a label. */
export async function showBlocks(
  { client, agent }: Session,
  label: string,
): Promise<readonly string[]> {
  const blocks = await readBlocks(client, agent.id)
  const wanted = blocks.filter((block) => label === '' || block.label === label)
  return wanted.length > 0 ? renderBlocks(wanted) : [`There is no block ${label}.`]
}

/** `/persona`: who the agent is, or is from now on. */
export async function changePersona(
  { client, agent }: Session,
  text: string,
): Promise<readonly string[]> {
  if (text === '') {
    const block = await client.letta.agents.blocks.retrieve('persona', { agent_id: agent.id })
    return [block.value]
  }
  await client.letta.agents.blocks.update('persona', { agent_id: agent.id, value: text })
  return ['The persona is changed.']
}

/** `/compact`: replaces the beginning of the view by a summary, and shows it. */
export async function compact(
  { client, agent, conversationId }: Session,
  mode: string,
): Promise<readonly string[]> {
  const { messagesBefore, messagesAfter, summary } = await client.compact({
    agentId: agent.id,
    conversationId,
    ...(mode !== '' && { mode }),
  })
  if (messagesBefore === messagesAfter) return ['Nothing can leave the view: it is short already.']
  return [
    `The view has ${messagesAfter} messages now instead of ${messagesBefore}; all of them stay stored. The summary:`,
    ...summary.split('\n').map((line) => `  ${line}`),
  ]
}

/** `/context`: what fills the window. */
export async function showContext({
  client,
  agent,
  conversationId,
}: Session): Promise<readonly string[]> {
  return renderContext(await client.context({ agentId: agent.id, conversationId }))
}

import type { Agent, Client, UserMessageResponse } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import { defaultAgentTag } from '../session/agents.ts'
import { automaticModel, modelOf } from '../session/model-info.ts'

/** One step of the proof. */
export interface DoctorStep {
  readonly name: string
  /** What was found, when it went well. */
  run(): Promise<string>
}

/** What the steps hand on to each other. */
interface Proof {
  agent: Agent | null
  response: UserMessageResponse | null
}

/** A word that nothing else contains. */
const marker = 'quartzlighthouse'

/**
 * The round trip, in order: keep something, ask the model, let it call a tool, read everything back, delete. The last
 * step is run also when an earlier one failed.
 */
export function createRoundTrip(client: Client): {
  readonly steps: readonly DoctorStep[]
  readonly cleanUp: DoctorStep
} {
  const proof: Proof = { agent: null, response: null }
  return {
    steps: [
      { name: 'store', run: () => storeSomething(client, proof) },
      { name: 'model call', run: () => callModel(client, proof) },
      { name: 'tool call', run: () => checkToolCall(proof) },
      { name: 'read back', run: () => readBack(client, proof) },
    ],
    cleanUp: { name: 'delete', run: () => deleteAll(client, proof) },
  }
}

async function storeSomething(client: Client, proof: Proof): Promise<string> {
  proof.agent = await client.createAgent({
    name: 'letta-doctor',
    tags: ['letta:doctor'],
    description: 'Made by letta doctor; safe to delete.',
  })
  await client.letta.agents.passages.create(proof.agent.id, {
    text: `The checkword of this installation is ${marker}.`,
  })
  return `agent ${proof.agent.id} with a passage`
}

async function callModel(client: Client, proof: Proof): Promise<string> {
  const agent = required(proof.agent)
  const model = await findUsualModel(client)
  proof.response = await client.userMessage({
    agentId: agent.id,
    model,
    message:
      'Search your archival memory for the checkword of this installation, and tell me the word.',
  })
  const said = `"${proof.response[0].text.replaceAll(/\s+/g, ' ').slice(0, 80)}"`
  return model === undefined ? said : `${model} says ${said}`
}

/** The model of commands that name no agent, where somebody chose one: it is the one that has to answer. */
async function findUsualModel(client: Client): Promise<string | undefined> {
  const alike = { tags: [defaultAgentTag], match_all_tags: true }
  const [agent] = (await client.letta.agents.list({ ...alike, limit: 1, order: 'asc' })).items
  const handle = agent === undefined ? automaticModel : modelOf(agent)
  return handle === automaticModel ? undefined : handle
}

async function checkToolCall(proof: Proof): Promise<string> {
  const response = required(proof.response)
  const call = response.find(({ type }) => type === 'tool_return')
  if (call === undefined) throw new CliError('the model answered without calling a tool')
  if (call.status === 'error') throw new CliError(`${call.toolName} failed: ${call.text}`)
  if (!response.some(({ text }) => text.includes(marker))) {
    throw new CliError('the tool did not find what was stored')
  }
  return call.toolName ?? 'a tool'
}

async function readBack(client: Client, proof: Proof): Promise<string> {
  const agent = required(proof.agent)
  const page = await client.letta.agents.messages.list(agent.id, { limit: 100, order: 'asc' })
  const kinds = page.items.map((message) => message.message_type)
  for (const kind of ['user_message', 'assistant_message'] as const) {
    if (!kinds.includes(kind)) throw new CliError(`the ${kind.replace('_', ' ')} is not stored`)
  }
  return `${page.items.length} messages`
}

async function deleteAll(client: Client, proof: Proof): Promise<string> {
  if (proof.agent === null) return 'nothing to delete'
  await client.letta.agents.delete(proof.agent.id)
  const left = await client.letta.agents.list({ tags: ['letta:doctor'], limit: 1 })
  if (left.items.some(({ id }) => id === proof.agent?.id)) {
    throw new CliError('the agent is still there after it was deleted')
  }
  return 'the agent is gone'
}

function required<Value>(value: Value | null): Value {
  if (value === null) throw new CliError('an earlier step failed')
  return value
}

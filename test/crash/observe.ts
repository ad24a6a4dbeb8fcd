import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Letta } from '@letta-ai/letta-client'
import type {
  Observation,
  SeenFrame,
  SentMessage,
  SettledMessage,
  SettledRun,
} from './observation.ts'
import type { Ticker } from './ticker.ts'

/** How long what is open after the last kill may take, in milliseconds. */
const settleDeadlineMs = 30_000

/** Waits until nothing is open any more, for a limited time, and reads everything there is. */
export async function observe(
  letta: Letta,
  known: {
    readonly sent: readonly SentMessage[]
    readonly agentIds: readonly string[]
    readonly effectsFile: string
    readonly ticker: Ticker
  },
): Promise<Observation> {
  const schedules = await known.ticker.finish(letta)
  await settle(letta)
  const runs: SettledRun[] = []
  for await (const run of letta.runs.list({ limit: 100, order: 'asc' })) {
    runs.push({
      id: run.id,
      status: String(run.status),
      stopReason: run.stop_reason ?? null,
      hasReason: JSON.stringify(run.metadata?.['error'] ?? null).includes('message'),
      replay: await replay(letta, run.id, String(run.status)),
    })
  }
  const messages: SettledMessage[] = []
  const blocks: Record<string, string> = {}
  for (const agentId of [...known.agentIds, known.ticker.agentId]) {
    for await (const message of letta.agents.messages.list(agentId, { limit: 100, order: 'asc' })) {
      messages.push(toSettled(agentId, message))
    }
    const human = await letta.agents.blocks.retrieve('human', { agent_id: agentId })
    blocks[agentId] = human.value
  }
  const effects = readFileSync(known.effectsFile, 'utf8').split('\n').filter(Boolean)
  return { sent: known.sent, runs, messages, effects, blocks, schedules }
}

async function settle(letta: Letta): Promise<void> {
  const deadline = Date.now() + settleDeadlineMs
  while (Date.now() < deadline) {
    const { items } = await letta.runs.list({ active: true, limit: 1 })
    if (items.length === 0) return
    await sleep(50)
  }
}

/** The stream of a run from its beginning; of a run that is still open there is none to wait for. */
async function replay(letta: Letta, runId: string, status: string): Promise<readonly SeenFrame[]> {
  if (status === 'created' || status === 'running') return []
  const frames: SeenFrame[] = []
  for await (const event of await letta.runs.messages.stream(runId, { starting_after: 0 })) {
    const { seq_id: seqId } = event as { readonly seq_id?: number | null }
    if (typeof seqId === 'number') frames.push({ seqId, body: JSON.stringify(event) })
  }
  return frames
}

function toSettled(agentId: string, message: object): SettledMessage {
  const {
    id,
    message_type: type,
    otid,
    content,
    tool_return: toolReturn,
    status,
  } = message as Readonly<Record<string, unknown>>
  return {
    id: String(id),
    agentId,
    type: String(type),
    otid: typeof otid === 'string' ? otid : null,
    text: typeof content === 'string' ? content : JSON.stringify(content ?? toolReturn ?? ''),
    status: typeof status === 'string' ? status : null,
  }
}

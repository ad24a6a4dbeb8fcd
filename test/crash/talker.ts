import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Letta } from '@letta-ai/letta-client'
import type { MessageCreateParams } from '@letta-ai/letta-client/resources/agents/messages'
import type { SeededRandom } from '../simulation/random.ts'
import type { BuiltServer } from './built-server.ts'
import { tasks } from './model-script.ts'
import type { SeenFrame, SentMessage } from './observation.ts'

/** How long what is in flight at the last kill may take, in milliseconds. */
const settleDeadlineMs = 60_000
/** How long one connection is kept: an answer that never ends must not hold up the test for ever. In milliseconds. */
const connectionLimitMs = 30_000
/** How often the server is asked again while it is away. */
const mostTries = 1000
/** The pause before a broken connection is tried again, in milliseconds. */
const reconnectPauseMs = 40

/** Somebody who talks to one agent and reads every answer to its end, whatever happens to the server. */
export interface Talker {
  /** Everything said so far. */
  readonly sent: readonly SentMessage[]
  /** Whether a message was acknowledged whose answer was not read to its end yet. */
  isInFlight(): boolean
  /** How many frames of answers were read so far. */
  framesRead(): number
  /** Talks until `signal` aborts, after the last kill, then finishes what was begun. */
  talk(signal: AbortSignal): Promise<void>
}

interface Draft {
  readonly otid: string
  readonly agentId: string
  readonly text: string
  runId: string | null
  frames: SeenFrame[]
  /** Of an answer to a request only. */
  allows?: boolean
  callIds?: readonly string[]
}

function newDraft(agentId: string, text: string): Draft {
  return { otid: randomUUID(), agentId, text, runId: null, frames: [] }
}

/** The ids of the calls an agent waits with. */
async function pendingCalls(server: BuiltServer, agentId: string): Promise<readonly string[]> {
  const letta = await connect(server)
  const include = ['agent.pending_approval' as const]
  const { pending_approval: pending } = await letta.agents.retrieve(agentId, { include })
  const calls: unknown = pending?.tool_calls
  if (!Array.isArray(calls)) throw new Error(`${agentId} waits for nothing`)
  return calls.map(({ tool_call_id: id }: { readonly tool_call_id: string }) => id)
}

/** A client of the server without retries of its own. */
export async function connect(server: BuiltServer): Promise<Letta> {
  return new Letta({ baseURL: await server.url(), apiKey: null, maxRetries: 0 })
}

/** Makes a talker for an agent. */
export function createTalker(
  server: BuiltServer,
  { agentId, random }: { readonly agentId: string; readonly random: SeededRandom },
): Talker {
  const sent: Draft[] = []
  let current: Draft | null = null

  async function say(kills: AbortSignal): Promise<void> {
    const mark = randomUUID()
    const draft = newDraft(agentId, `${random.pick(tasks)} #${mark}`)
    // A request that nobody knows of would hold up everything said after it.
    await sendAndRead(draft, { kills, mayGiveUp: !draft.text.startsWith('GUARDED') })
    if (!draft.frames.some(({ body }) => body.includes('"stop_reason":"requires_approval"'))) return
    const answer = newDraft(agentId, `ANSWER #${mark}`)
    answer.allows = random.below(2) === 0
    answer.callIds = await untilAnswered(() => pendingCalls(server, agentId))
    await sendAndRead(answer, { kills, mayGiveUp: false })
  }

  async function sendAndRead(
    draft: Draft,
    { kills, mayGiveUp }: { readonly kills: AbortSignal; readonly mayGiveUp: boolean },
  ): Promise<void> {
    sent.push(draft)
    current = draft
    let deadline = Infinity
    while (!(await readOn(server, draft))) {
      // Between kills that follow each other fast nobody can promise an end.
      if (deadline === Infinity && kills.aborted) deadline = Date.now() + settleDeadlineMs
      if (Date.now() > deadline) throw new Error(`No end in time: ${draft.text}, ${draft.runId}`)
      // Half of those who got no acknowledgement never ask again.
      if (mayGiveUp && draft.runId === null && random.below(2) === 0) break
      await sleep(reconnectPauseMs)
    }
    current = null
  }

  /** Asks again and again while the server is away. */
  async function untilAnswered<Value>(ask: () => Promise<Value>): Promise<Value> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await ask()
      } catch (error) {
        if (!isBrokenConnection(error) || tries > mostTries) throw error
        await sleep(reconnectPauseMs)
      }
    }
  }

  return {
    sent,
    framesRead: () => sent.reduce((sum, { frames }) => sum + frames.length, 0),
    isInFlight: () => current !== null && current.runId !== null,
    async talk(signal) {
      while (!signal.aborted) await say(signal)
    },
  }
}

/** Sends the message, or reads on where its stream broke; tells whether the end was read. */
async function readOn(server: BuiltServer, draft: Draft): Promise<boolean> {
  const letta = await connect(server)
  try {
    const stream = draft.runId === null ? await send(letta, draft) : await resume(letta, draft)
    for await (const event of stream) {
      const body = JSON.stringify(event)
      const { seq_id: seqId } = event as { readonly seq_id?: number | null }
      if (typeof seqId === 'number') draft.frames.push({ seqId, body })
      if (body.includes('"message_type":"usage_statistics"')) return true
    }
    return false
  } catch (error) {
    if (isBrokenConnection(error)) return false
    throw error
  }
}

async function send(letta: Letta, draft: Draft): Promise<AsyncIterable<object>> {
  const message = {
    messages: [toMessage(draft)],
    stream_tokens: true,
    background: true,
    include_pings: true,
  }
  const { data, response } = await letta.agents.messages
    .stream(draft.agentId, message, { signal: AbortSignal.timeout(connectionLimitMs) })
    .withResponse()
  draft.runId = response.headers.get('x-letta-run-id')
  return data
}

function toMessage({
  text,
  otid,
  allows,
  callIds = [],
}: Draft): NonNullable<MessageCreateParams['messages']>[number] {
  if (allows === undefined) return { role: 'user', content: text, otid }
  const approvals = callIds.map((id) => ({
    type: 'approval' as const,
    tool_call_id: id,
    approve: allows,
  }))
  return { type: 'approval', approvals, otid }
}

async function resume(letta: Letta, draft: Draft): Promise<AsyncIterable<object>> {
  const startingAfter = draft.frames.at(-1)?.seqId ?? 0
  return await letta.runs.messages.stream(
    draft.runId ?? '',
    { starting_after: startingAfter },
    { signal: AbortSignal.timeout(connectionLimitMs) },
  )
}

/** A server that is being killed refuses connections or cuts them; whatever else it says is a defect. */
function isBrokenConnection(error: unknown): boolean {
  if (error instanceof Letta.APIConnectionError) return true
  if (error instanceof Letta.APIUserAbortError) return true
  if (error instanceof Letta.APIError) return false
  return error instanceof TypeError || (error instanceof Error && error.name === 'AbortError')
}

/** Sends a request; the path begins with a slash. */
export type SendRequest = (path: string, init: RequestInit) => Promise<Response>

/** A sender to a server. Connections are kept. */
export function toServer(url: string): SendRequest {
  return (path, init) => fetch(`${url}${path}`, init)
}

/** The times of a streamed turn, in milliseconds, from the sending of the request. */
export interface StreamedTurn {
  /** Until the response's head: the message is stored. */
  readonly acceptedMs: number
  /** Until the first event, whatever it is. */
  readonly firstEventMs: number
  /** Until the first text of the agent. */
  readonly firstTextMs: number
  readonly totalMs: number
  readonly runId: string
  readonly stopReason: string | null
}

/** Creates an agent with the tools and blocks that a client of the original gets, and returns its id; `more` is added to the request. */
export async function createAgent(
  send: SendRequest,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const body = {
    ...more,
    name,
    memory_blocks: [
      { label: 'persona', value: 'I am a helpful agent.' },
      { label: 'human', value: '' },
    ],
  }
  return identifierOf(await sendJson(send, '/v1/agents/', body))
}

/** Creates a conversation of an agent and returns its id. */
export async function createConversation(send: SendRequest, agentId: string): Promise<string> {
  const path = `/v1/conversations/?agent_id=${agentId}`
  return identifierOf(await sendJson(send, path, { agent_id: agentId }))
}

/** Sends a message, waits for the whole answer and returns how long that took, in milliseconds. Rejects unless it ends well. */
export async function runTurn(send: SendRequest, agentId: string, text: string): Promise<number> {
  const begun = performance.now()
  const answer = await sendJson(send, `/v1/agents/${agentId}/messages`, toBody(text))
  const milliseconds = performance.now() - begun
  if (!JSON.stringify(answer).includes('"end_turn"')) {
    throw new Error(`the turn did not end well: ${JSON.stringify(answer)}`)
  }
  return milliseconds
}

/** Sends a message and reads the answer as a stream of tokens. */
export async function streamTurn(
  send: SendRequest,
  path: string,
  message: {
    readonly text: string
    readonly otid?: string
    readonly onAccepted?: (runId: string) => void
  },
): Promise<StreamedTurn> {
  const begun = performance.now()
  const elapsed = (): number => performance.now() - begun
  const body = { ...toBody(message.text, message.otid), streaming: true, stream_tokens: true }
  const response = await send(path, toInit({ ...body, include_pings: true, background: true }))
  const acceptedMs = elapsed()
  const runId = response.headers.get('x-letta-run-id')
  if (!response.ok || response.body === null || runId === null) {
    throw new Error(`the server said ${response.status}: ${await response.text()}`)
  }
  message.onAccepted?.(runId)
  let [firstEventMs, firstTextMs] = [0, 0]
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    firstEventMs ||= elapsed()
    text += chunk
    if (firstTextMs === 0 && text.includes('"assistant_message"')) firstTextMs = elapsed()
  }
  const stopReason = /"stop_reason":"(\w+)"/.exec(text)?.[1] ?? null
  return { acceptedMs, firstEventMs, firstTextMs, totalMs: elapsed(), runId, stopReason }
}

/** Sends JSON and returns the JSON of a successful answer. */
export async function sendJson(send: SendRequest, path: string, body: unknown): Promise<unknown> {
  const response = await send(path, toInit(body))
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} said ${response.status}: ${text}`)
  return JSON.parse(text)
}

function toInit(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}

function toBody(text: string, otid?: string): { readonly messages: readonly object[] } {
  return { messages: [{ role: 'user', content: text, ...(otid === undefined ? {} : { otid }) }] }
}

function identifierOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'id' in value) return String(value.id)
  throw new Error(`no identifier in ${JSON.stringify(value)}`)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { systemClock } from '../util/clock.ts'

/** What a {@link FakeProvider} answers to one chat completion. */
export interface FakeReply {
  readonly reasoning?: string
  /** Streamed word by word. */
  readonly text?: string
  /** Streamed as parallel calls; arguments in pieces of 12 characters, the calls' pieces taking turns. */
  readonly toolCalls?: readonly FakeToolCall[]
  /** The wire's usage object. Default: 10 prompt tokens, 5 completion tokens. */
  readonly usage?: Readonly<Record<string, unknown>>
  /** Waited for before the answer begins, in milliseconds. */
  readonly delayMs?: number
  /** Waited for before each chunk, in milliseconds. */
  readonly chunkDelayMs?: number
  /** Ends the connection without warning after this many chunks. */
  readonly cutAfter?: number
  /** Sends this many chunks and then nothing, until the client goes away. */
  readonly hangAfter?: number
  /** A status other than 200 answers with `body` at once. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body of an answer with another status; an object is sent as JSON. */
  readonly body?: unknown
}

/** A tool call of a {@link FakeReply}. */
export interface FakeToolCall {
  readonly name: string
  /** An object is written as JSON; a text is sent as it is. */
  readonly arguments: object | string
  readonly id?: string
}

/** What a {@link FakeProvider} was asked. */
export interface FakeRequest {
  readonly method: string
  /** The path below the server's root, such as `/v1/chat/completions`. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: FakeRequestBody
  /** Resolves when the connection of this request has closed. */
  readonly closed: Promise<void>
}

/** The body of a chat completion as far as scripts look at it; everything else is kept. */
export type FakeRequestBody = z.infer<typeof requestBody>

/** Makes the reply to a request; `index` counts chat completions from 0. */
export type FakeScript = (body: FakeRequestBody, index: number) => FakeReply | Promise<FakeReply>

/** A running OpenAI-compatible endpoint on the loopback address. */
export interface FakeProvider extends AsyncDisposable {
  /** The base URL, ending in `/v1`. */
  readonly url: string
  /** Every chat completion that was asked for, in order. */
  readonly requests: readonly FakeRequest[]
  /** How often the list of models was asked for. */
  readonly listings: number
  /** Replaces the script. */
  respond(script: FakeScript | readonly FakeReply[]): void
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

/** How a {@link FakeProvider} begins. */
export interface FakeProviderOptions {
  /** What it answers; a list is used up in order, then requests get status 500. Default: `ok`. */
  readonly script?: FakeScript | readonly FakeReply[]
  /** Names it lists, or whole entries of the list. Default: `gpt-4o-mini`. null: it has no list (404). */
  readonly models?: readonly (string | Readonly<Record<string, unknown>>)[] | null
  /** The port. Default: a free one. */
  readonly port?: number
}

const requestBody = z.looseObject({
  model: z.string().default(''),
  stream: z.boolean().default(false),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.unknown().optional() }))
    .default([]),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
})

/** Starts a {@link FakeProvider}; whoever starts it closes it. */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  let script = toScript(options.script ?? (() => ({ text: 'ok' })))
  const requests: FakeRequest[] = []
  let listings = 0
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy())
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (request.method === 'GET' && path.endsWith('/models')) {
      listings += 1
      sendModels(response, options.models === undefined ? ['gpt-4o-mini'] : options.models)
      return
    }
    const closed = new Promise<void>((resolve) => response.once('close', () => resolve()))
    const body = requestBody.parse(JSON.parse(await readText(request)))
    requests.push({ method: request.method ?? '', path, headers: request.headers, body, closed })
    if (path.endsWith('/chat/completions')) {
      const index = requests.length - 1
      const reply = await script(body, index)
      await sendReply(response, body, { ...reply, toolCalls: numbered(reply, index) })
    } else sendJson(response, 404, { error: { message: `No such route: ${path}` } })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get listings() {
      return listings
    },
    respond(next) {
      script = toScript(next)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function toScript(script: FakeScript | readonly FakeReply[]): FakeScript {
  if (typeof script === 'function') return script
  const replies = [...script]
  return () => replies.shift() ?? { status: 500, body: { error: { message: 'not planned' } } }
}

function sendModels(response: ServerResponse, models: FakeProviderOptions['models']): void {
  if (models === null || models === undefined) {
    sendJson(response, 404, { error: { message: 'no list of models' } })
    return
  }
  const data = models.map((entry) => (typeof entry === 'string' ? { id: entry } : entry))
  sendJson(response, 200, {
    object: 'list',
    data: data.map((entry) => ({ object: 'model', created: 1, owned_by: 'fake', ...entry })),
  })
}

async function sendReply(
  response: ServerResponse,
  body: FakeRequestBody,
  reply: FakeReply,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const wait = (milliseconds: number): Promise<void> =>
    systemClock.sleep(milliseconds, { signal: gone.signal, keepAlive: true })
  if (reply.delayMs !== undefined) await wait(reply.delayMs)
  if (reply.status !== undefined && reply.status !== 200) {
    sendJson(response, reply.status, reply.body ?? { error: { message: 'failed' } }, reply.headers)
    return
  }
  if (!body.stream) {
    sendJson(response, 200, toCompletion(body, reply), reply.headers)
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...reply.headers })
  let sent = 0
  for (const chunk of toChunks(body, reply)) {
    if (sent === reply.cutAfter) {
      response.destroy()
      return
    }
    if (sent === reply.hangAfter) return
    if (reply.chunkDelayMs !== undefined) await wait(reply.chunkDelayMs)
    await new Promise((resolve) => response.write(`data: ${JSON.stringify(chunk)}\n\n`, resolve))
    sent += 1
  }
  response.end('data: [DONE]\n\n')
}

function toCompletion(body: FakeRequestBody, reply: FakeReply): object {
  const calls = toWireCalls(reply)
  return {
    ...envelope(body, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: reply.text ?? null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
      },
    ],
    usage: toUsage(reply),
  }
}

function* toChunks(body: FakeRequestBody, reply: FakeReply): Generator<object> {
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...envelope(body, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })
  yield chunk({ role: 'assistant', content: '' })
  if (reply.reasoning !== undefined) yield chunk({ reasoning_content: reply.reasoning })
  for (const word of reply.text?.split(/(?<= )/) ?? []) yield chunk({ content: word })
  const calls = toWireCalls(reply)
  for (const [index, call] of calls.entries()) {
    const start = { ...call, index, function: { name: call.function.name, arguments: '' } }
    yield chunk({ tool_calls: [start] })
  }
  const longest = Math.max(0, ...calls.map((call) => call.function.arguments.length))
  for (let offset = 0; offset < longest; offset += 12) {
    for (const [index, call] of calls.entries()) {
      const piece = call.function.arguments.slice(offset, offset + 12)
      if (piece !== '') yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
    }
  }
  yield chunk({}, calls.length > 0 ? 'tool_calls' : 'stop')
  yield { ...envelope(body, 'chat.completion.chunk'), choices: [], usage: toUsage(reply) }
}

function toWireCalls(reply: FakeReply): readonly {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}[] {
  return (reply.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? `call_${index}`,
    type: 'function',
    function: {
      name: call.name,
      arguments:
        typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }))
}

/** Gives every call an id that no other answer of this provider uses. */
function numbered(reply: FakeReply, request: number): readonly FakeToolCall[] {
  return (reply.toolCalls ?? []).map((call, index) => ({
    id: `call_${request + 1}_${index + 1}`,
    ...call,
  }))
}

function toUsage(reply: FakeReply): object {
  return reply.usage ?? { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
}

function envelope(body: FakeRequestBody, object: string): object {
  return { id: 'chatcmpl-fake', object, created: 1, model: body.model }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

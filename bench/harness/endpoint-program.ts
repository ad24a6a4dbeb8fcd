// An OpenAI-compatible endpoint that answers at once, as a program of its own so that it costs the server nothing.
// Arguments: --reply-delay-ms N waits before an answer, --chunk-delay-ms N before every piece of text. It prints its base URL.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { decideReply, toChunks, toCompletion, toTexts, type ChatRequest } from './endpoint-reply.ts'

const { values } = parseArgs({
  options: {
    'chunk-delay-ms': { type: 'string', default: '0' },
    'reply-delay-ms': { type: 'string', default: '0' },
  },
})
const chunkDelayMs = Number(values['chunk-delay-ms'])
const replyDelayMs = Number(values['reply-delay-ms'])

/** The body of the newest chat completion that came from an agent, as it came. */
const seen = { body: '', count: 0 }

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    response.destroy()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Cannot listen')
  process.stdout.write(`http://127.0.0.1:${address.port}/v1\n`)
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readText(request)
  if (request.url === '/v1/models') {
    sendJson(response, { object: 'list', data: [{ id: 'gpt-4o-mini', object: 'model' }] })
  } else if (request.url === '/bench/seen') {
    sendJson(response, seen)
  } else {
    // A measured direct call repeats an agent's request and must not take its place.
    if (request.headers['x-bench-direct'] === undefined) {
      seen.body = text
      seen.count += 1
    }
    await answer(JSON.parse(text) as ChatRequest, response)
  }
}

async function answer(body: ChatRequest, response: ServerResponse): Promise<void> {
  const reply = decideReply(toTexts(body))
  if (replyDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, replyDelayMs))
  if (body.stream !== true) {
    sendJson(response, toCompletion(body.model, reply))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const frames = toChunks(body.model, reply).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  if (chunkDelayMs === 0) {
    response.end(`${frames.join('')}data: [DONE]\n\n`)
    return
  }
  for (const frame of frames) {
    await new Promise((resolve) => setTimeout(resolve, chunkDelayMs))
    response.write(frame)
  }
  response.end('data: [DONE]\n\n')
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

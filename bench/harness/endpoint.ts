import { join } from 'node:path'
import type { Processes } from './processes.ts'

/** A model endpoint in a process of its own that answers at once. */
export interface Endpoint {
  /** The base URL, ending in `/v1`. */
  readonly url: string
  /** What an agent sent last. */
  seen(): Promise<{ readonly body: string; readonly count: number }>
  /** Sends a body as an agent's request would go, reads the streamed answer to its end, and tells how long it took. */
  call(body: string): Promise<DirectCall>
}

/** The times of a direct call, in milliseconds. */
export interface DirectCall {
  /** Until the first bytes of the answer. */
  readonly firstMs: number
  /** Until its end. */
  readonly totalMs: number
}

/** Starts an endpoint; `replyDelayMs` is waited before an answer, `chunkDelayMs` before each piece of it. */
export async function startEndpoint(
  processes: Processes,
  options: { readonly chunkDelayMs?: number; readonly replyDelayMs?: number } = {},
): Promise<Endpoint> {
  const script = join(import.meta.dirname, 'endpoint-program.ts')
  const running = processes.start({
    parameters: [
      script,
      '--chunk-delay-ms',
      String(options.chunkDelayMs ?? 0),
      '--reply-delay-ms',
      String(options.replyDelayMs ?? 0),
    ],
    folder: import.meta.dirname,
    environment: { PATH: process.env['PATH'] },
  })
  const url = await running.line(/^http/)
  return {
    url,
    async seen() {
      const response = await fetch(new URL('/bench/seen', url))
      return (await response.json()) as { body: string; count: number }
    },
    call: (body) => callDirectly(url, body),
  }
}

async function callDirectly(url: string, body: string): Promise<DirectCall> {
  const begun = performance.now()
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-bench-direct': '1' },
    body,
  })
  if (response.body === null || !response.ok)
    throw new Error(`the endpoint said ${response.status}`)
  let firstMs = 0
  for await (const _ of response.body) {
    if (firstMs === 0) firstMs = performance.now() - begun
  }
  return { firstMs, totalMs: performance.now() - begun }
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Command } from './run-command.ts'

const startLimit = 20_000

/** Starts a server, has it create an agent, and stops it; throws when any of that goes wrong. */
export async function tryServer(command: Command): Promise<void> {
  const server = spawn(command.file, command.parameters, {
    cwd: command.folder,
    env: command.environment,
    shell: command.shell ?? false,
    stdio: ['ignore', 'pipe', 2],
  })
  const ended = new Promise<number | null>((resolve) => server.once('close', resolve))
  try {
    await createAgentAt(await firstLine(server.stdout))
  } finally {
    server.kill('SIGTERM')
  }
  // Windows has no signals: there a process that is told to stop has no exit code.
  assert.equal(await ended, process.platform === 'win32' ? null : 0)
}

async function firstLine(output: Readable | null): Promise<string> {
  assert(output !== null)
  const lines = createInterface(output)
  const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(startLimit) })
  return String(line)
}

async function createAgentAt(greeting: string): Promise<void> {
  const url = /http:\/\/[^ )]+/.exec(greeting)?.[0]
  assert(url !== undefined, `the server names no URL: ${greeting}`)
  const response = await fetch(`${url}/v1/agents/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Served"}',
  })
  assert.equal(response.status, 200, await response.text())
}

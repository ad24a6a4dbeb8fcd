import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { createClient } from '../../sdk/src/index.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { describeEngines } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 90_000)

/** The example in a project that has the product installed, as npm would leave it. */
function installExample(folder: string): string {
  const target = join(folder, 'node_modules', 'letta-ts')
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'package.json'), readFileSync(join(root, 'package.json')))
  cpSync(dirname(program.main), join(target, 'dist'), { recursive: true })
  cpSync(join(root, 'examples', 'operator-tools.mjs'), join(folder, 'operator-tools.mjs'))
  return join(folder, 'operator-tools.mjs')
}

const hangingTools = `
import { appendFileSync } from 'node:fs'
const make = (name, replay) => ({
  name, replay, description: 'Acts.', parameters: { type: 'object' },
  run: async () => {
    appendFileSync(process.env.CALLS, name + '\\n')
    if (process.env.HANG) await new Promise(() => {})
    return 'done'
  },
})
export default [make('act_once', 'once'), make('act_again', 'idempotent')]
`

describeEngines('tools of an operator', (createHome) => {
  it('letta server --tools runs the example: its tools are listed, attached and called', async () => {
    await using home = await createHome()
    const path = installExample(home.path)
    await using provider = await startFakeProvider({
      script: [
        { toolCalls: [{ name: 'write_note', arguments: { text: 'Buy milk.' } }] },
        { toolCalls: [{ name: 'read_notes', arguments: {} }] },
        { text: 'Noted.' },
      ],
    })
    const at = {
      home: home.path,
      main: program.main,
      environment: {
        ...home.environment,
        OPENAI_BASE_URL: provider.url,
        NOTES_FOLDER: home.path,
        LETTA_PORT: '0',
      },
    }
    await using _server: AsyncDisposable = {
      [Symbol.asyncDispose]: async () => {
        await runHere(at, 'server', 'stop')
      },
    }
    expect(await runLetta(at, 'server', 'start', '--tools', path)).toMatchObject({ code: 0 })

    const client = createClient({ home: home.path, mode: 'http' })
    const { items: tools } = await client.letta.tools.list({ tool_types: ['custom'] })
    expect(tools.map(({ name }) => name ?? '').toSorted()).toEqual(['read_notes', 'write_note'])
    const agent = await client.letta.agents.create({ name: 'Ada', tools: ['read_notes'] })
    const writer = tools.find(({ name }) => name === 'write_note')
    await client.letta.agents.tools.attach(writer?.id ?? '', { agent_id: agent.id })

    const response = await client.userMessage({ agentId: agent.id, message: 'Note: buy milk.' })
    expect(response[0].text).toBe('Noted.')
    expect(readFileSync(join(home.path, 'notes.txt'), 'utf8')).toBe('Buy milk.\n')
    const returns = response.filter(({ type }) => type === 'tool_return').map(({ text }) => text)
    expect(JSON.stringify(returns)).toContain('Written down.')
    expect(JSON.stringify(returns)).toContain('Buy milk.')
    const shown = provider.requests[0]?.body
    expect(JSON.stringify(shown)).toContain('The note, one line.')
  }, 90_000)

  it('makes a call that kill -9 cut again only when its tool says that this does no harm', async () => {
    await using home = await createHome()
    const calls = join(home.path, 'calls.txt')
    writeFileSync(join(home.path, 'tools.mjs'), hangingTools)
    writeFileSync(calls, '')
    await using provider = await startFakeProvider({
      script: ({ messages }) => {
        if (messages.at(-1)?.role === 'tool') return { text: 'Done.' }
        const name = JSON.stringify(messages).includes('Use act_once') ? 'act_once' : 'act_again'
        return { toolCalls: [{ name, arguments: {} }] }
      },
    })
    const environment = {
      ...home.environment,
      OPENAI_BASE_URL: provider.url,
      LETTA_PORT: '0',
      LETTA_TOOLS: 'tools.mjs',
      CALLS: calls,
    }
    const at = { home: home.path, main: program.main, environment }
    await using _server: AsyncDisposable = {
      [Symbol.asyncDispose]: async () => {
        await runHere(at, 'server', 'stop')
      },
    }
    const callsMade = () => readFileSync(calls, 'utf8').trim().split('\n').toSorted()
    await runLetta({ ...at, environment: { ...environment, HANG: '1' } }, 'server', 'start')
    const client = createClient({ home: home.path, mode: 'http' })
    const runs: string[] = []
    for (const name of ['act_once', 'act_again']) {
      const agent = await client.letta.agents.create({ name, tools: [name] })
      runs.push(await client.submitMessage({ agentId: agent.id, message: `Use ${name}.` }))
    }
    await expect.poll(callsMade, { timeout: 30_000 }).toEqual(['act_again', 'act_once'])
    const { pid } = JSON.parse(readFileSync(join(home.path, 'server.json'), 'utf8')) as {
      pid: number
    }
    process.kill(pid, 'SIGKILL')

    expect(await runLetta(at, 'server', 'start')).toMatchObject({ code: 0 })
    const [once, again] = await Promise.all(runs.map((id) => runHere(at, 'runs', 'watch', id)))
    expect(callsMade()).toEqual(['act_again', 'act_again', 'act_once'])
    expect(once?.stdout).toMatch(/failed: This call was interrupted.*\nDone\.\n$/)
    expect(again?.stdout).toBe('· act_again {}\nDone.\n')
  }, 90_000)
})

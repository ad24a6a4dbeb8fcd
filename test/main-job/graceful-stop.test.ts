import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Letta } from '@letta-ai/letta-client'
import { beforeAll, expect, it } from 'vitest'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { describeEngines } from './describe-engines.ts'
import { sharedProgram } from './shared-program.ts'
import { startServer } from './start-server.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 60_000)

/** A module that keeps a process alive. */
const lingeringTools = `
setInterval(() => undefined, 1000)
export default [{
  name: 'act', replay: 'once', description: 'Acts.', parameters: { type: 'object' }, run: async () => 'done',
}]
`

const input = { input: 'Hello.', include_pings: true } as const

describeEngines('letta server that is asked to end', (createHome) => {
  it('finishes the answer under way, to its last frame, accepts nothing more and exits with 0', async () => {
    await using home = await createHome()
    let server: ChildProcess | null = null
    await using provider = await startFakeProvider({
      // The request to end comes while the model is being asked.
      script: () => {
        server?.kill('SIGTERM')
        return { text: 'Finished all the same.' }
      },
    })
    const environment = {
      ...home.environment,
      LETTA_HOME: join(home.path, 'data'),
      OPENAI_BASE_URL: provider.url,
    }
    const first = await startServer(program.main, environment)
    const exited = once(first.process, 'exit')
    const letta = new Letta({ baseURL: first.url, apiKey: null, maxRetries: 0 })
    const agent = await letta.agents.create({ name: 'Calm', model: 'openai/gpt-4o-mini' })
    server = first.process
    const types: (string | null | undefined)[] = []
    for await (const event of await letta.agents.messages.stream(agent.id, input)) {
      types.push(event.message_type)
    }
    expect(types.slice(-3)).toEqual(['assistant_message', 'stop_reason', 'usage_statistics'])
    expect(await exited).toEqual([0, null])
  })

  // What is left then is carried on as after a crash, see kill-server.test.ts.
  it('exits at once when it is asked again', async () => {
    await using home = await createHome()
    let asked: () => void = () => undefined
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    await using provider = await startFakeProvider({
      script: () => {
        asked()
        return { hangAfter: 0 }
      },
    })
    const environment = {
      ...home.environment,
      LETTA_HOME: join(home.path, 'data'),
      OPENAI_BASE_URL: provider.url,
    }
    const first = await startServer(program.main, environment)
    const letta = new Letta({ baseURL: first.url, apiKey: null, maxRetries: 0 })
    const agent = await letta.agents.create({ name: 'Hasty', model: 'openai/gpt-4o-mini' })
    await letta.agents.messages.createAsync(agent.id, { input: 'Hello.' })
    await isAsked
    const exited = once(first.process, 'exit')
    const began = performance.now()
    first.process.kill('SIGTERM')
    const heard = await once(first.process.stderr ?? first.process, 'data')
    expect(String(heard)).toContain('once more stops at once')
    first.process.kill('SIGTERM')
    expect(await exited).toEqual([null, 'SIGTERM'])
    // Far less than the ten seconds that running turns have.
    expect(performance.now() - began).toBeLessThan(9000)
  })

  it('ends although the tools of its operator left something running', async () => {
    await using home = await createHome()
    const tools = join(home.path, 'tools.mjs')
    writeFileSync(tools, lingeringTools)
    const first = await startServer(program.main, {
      ...home.environment,
      LETTA_HOME: join(home.path, 'data'),
      LETTA_TOOLS: tools,
    })
    const exited = once(first.process, 'exit')
    first.process.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })
})

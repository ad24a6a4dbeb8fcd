import { once } from 'node:events'
import { join } from 'node:path'
import { Letta } from '@letta-ai/letta-client'
import { beforeAll, expect, it } from 'vitest'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { describeEngines } from './describe-engines.ts'
import { sharedProgram } from './shared-program.ts'
import { startServer, type ServerProcess } from './start-server.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 90_000)

async function kill(server: ServerProcess): Promise<void> {
  const exited = once(server.process, 'exit')
  server.process.kill('SIGKILL')
  await exited
}

describeEngines('letta server killed between acceptance and answer', (createHome) => {
  it('has the user’s message after a restart and answers it without being asked again', async () => {
    await using home = await createHome()
    // No call is answered before the restart: the server dies while it waits, or before it calls at all.
    let isRestarted = false
    await using provider = await startFakeProvider({
      script: () => (isRestarted ? { text: 'Answered after the restart.' } : { hangAfter: 0 }),
    })
    const environment = {
      ...home.environment,
      LETTA_HOME: join(home.path, 'data'),
      OPENAI_BASE_URL: provider.url,
    }
    const first = await startServer(program.main, environment)
    const letta = new Letta({ baseURL: first.url, apiKey: null, maxRetries: 0 })
    const agent = await letta.agents.create({ name: 'Survivor', model: 'openai/gpt-4o-mini' })
    const stream = await letta.agents.messages.stream(agent.id, {
      messages: [{ role: 'user', content: 'The vault code is 7319.' }],
      include_pings: true,
    })
    // The first event acknowledges the message.
    const acknowledged = await stream[Symbol.asyncIterator]().next()
    expect(acknowledged.done).toBe(false)
    await kill(first)

    isRestarted = true
    const second = await startServer(program.main, environment)
    try {
      const again = new Letta({ baseURL: second.url, apiKey: null, maxRetries: 0 })
      const [run] = (await again.runs.list({ agent_id: agent.id })).items
      expect(run).toBeDefined()
      const replay = await again.runs.messages.stream(run?.id ?? '', { starting_after: 0 })
      const types: (string | null | undefined)[] = []
      for await (const event of replay) types.push(event.message_type)
      const ended = await again.runs.retrieve(run?.id ?? '')
      expect(ended).toMatchObject({ status: 'completed', stop_reason: 'end_turn' })
      expect(types.filter((type) => type === 'stop_reason')).toHaveLength(1)
      const messages = (await again.agents.messages.list(agent.id)).items
      const said = messages.flatMap((message) => ('content' in message ? [message.content] : []))
      expect(said.filter((content) => content === 'The vault code is 7319.')).toHaveLength(1)
      expect(said.at(-1)).toBe('Answered after the restart.')
    } finally {
      await kill(second)
    }
  }, 90_000)
})

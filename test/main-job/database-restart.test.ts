import { expect, it } from 'vitest'
import { messageText } from '../../src/domain/message.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { createServer } from '../../src/server/create-server.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'
import { eventTypes, lastText } from '../../src/testing/run-frames.ts'
import { describeOwnServer } from '../setup/describe-postgres.ts'
import { startOwnServer } from '../setup/postgres-server.ts'

const hooks = { leaseClockOffset: 0 }
const fact = 'The heron is grey.'

describeOwnServer('a database server restarted during a turn', () => {
  it.each([
    ['while the model answers', 1000, 1],
    ['while the steps are stored', 0, 0],
  ])(
    'lets it end well %s: nothing is lost, nothing is there twice',
    async (_, delayMs, begun) => {
      await using server = await startOwnServer()
      const store = await openStore({ location: server.url, busyDeadlineMs: 30_000, hooks })
      const append = { label: 'human', content: fact }
      await using test = await createTestApp({
        store,
        script: [
          { toolCalls: [{ name: 'core_memory_append', arguments: append }], delayMs },
          { text: 'I keep it.' },
        ],
      })
      const agent = await test.createAgent()
      const { run } = await test.say(agent, fact)
      const frames = test.frames(run.id)
      await expect.poll(() => test.model.requests.length).toBeGreaterThanOrEqual(begun)
      await Promise.all([server.restart(), test.clock.advance(0)])
      await test.clock.advance(delayMs)

      const seen = await frames
      expect(lastText(seen)).toBe('I keep it.')
      expect(eventTypes(seen).filter((type) => type === 'run-ended')).toHaveLength(1)
      const ended = await store.getRun(defaultScope, { id: run.id })
      expect(ended).toMatchObject({ status: 'completed', stopReason: 'end_turn' })
      const page = { limit: 99, order: 'asc' } as const
      const messages = await store.listMessages(defaultScope, { agentId: agent.id, ...page })
      expect(messages.map(({ role }) => role)).toEqual([
        'system',
        'user',
        'assistant',
        'tool',
        'assistant',
      ])
      expect(messages.filter((message) => messageText(message) === fact)).toHaveLength(1)
      const [block] = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
      expect(block?.value.split(fact)).toHaveLength(2)
    },
    40_000,
  )

  it('is reported by /ready until it is back, while the server stays alive and names its engine', async () => {
    await using server = await startOwnServer()
    const store = await openStore({ location: server.url, busyDeadlineMs: 300, hooks })
    await using test = await createTestApp({ store })
    const app = createServer(test.app)
    const ask = async (path: string): Promise<readonly [number, unknown]> => {
      const response = await app.request(path)
      return [response.status, await response.json()]
    }
    expect(await ask('/v1/ready')).toMatchObject([200, { status: 'ok', engine: 'postgres' }])
    await server.stop()
    const [status, body] = await ask('/v1/ready')
    expect(status).toBe(503)
    expect(JSON.stringify(body)).toContain('the server cannot be reached')
    expect(await ask('/v1/health')).toMatchObject([200, { engine: 'postgres' }])
    await server.restart()
    expect(await ask('/v1/ready')).toMatchObject([200, { status: 'ok' }])
  }, 40_000)
})

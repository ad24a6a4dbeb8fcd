import { describe, expect, it } from 'vitest'
import type { Agent } from '../domain/agent.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope, type TenantScope } from '../domain/scope.ts'
import type { ModelRequest } from '../llm/model.ts'
import { anyNews, type CommitNews } from '../storage/commit-news.ts'
import type { Store } from '../storage/store.ts'
import { asProcess } from '../testing/as-process.ts'
import { createTestApp, silentLogger, type TestApp } from '../testing/create-test-app.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { lastText } from '../testing/run-frames.ts'
import type { ScriptedStep } from '../testing/scripted-model.ts'
import { runClaimLoop } from './claim-loop.ts'
import { defaultRuntimeSettings } from './runtime-parts.ts'

const slow: ScriptedStep = { text: 'At last.', delayBeforeEndMs: 10_000 }

describe('two servers on one database', () => {
  it('share the work: one with room soon takes what a busy one has accepted, and leaves what that one runs', async () => {
    await using both = await openTwo([slow], [{ text: 'At once.' }])
    const { busy, idle } = both
    idle.app.runtime.start()
    const [first, second] = [await busy.createAgent(), await busy.createAgent()]
    const running = await busy.say(first, 'One.')
    const waiting = await busy.say(second, 'Two.')
    await busy.clock.advance(10)
    both.tell(anyNews)
    await busy.clock.advance(74)
    expect(idle.model.requests).toHaveLength(0)
    await busy.clock.advance(1)
    expect(lastText(await idle.frames(waiting.run.id))).toBe('At once.')
    expect(idle.model.requests).toHaveLength(1)
    await busy.clock.advance(10_000)
    expect(lastText(await busy.frames(running.run.id))).toBe('At last.')
    expect(busy.model.requests).toHaveLength(1)
  })

  it('do not count a conversation that the other one runs among their turns', async () => {
    await using both = await openTwo([slow, slow], [{ text: 'Meanwhile.' }])
    const { busy, idle } = both
    const [held, free] = [await busy.createAgent(), await busy.createAgent()]
    await busy.say(held, 'One.')
    await busy.clock.advance(10)
    await idle.say(held, 'Two.')
    const other = await idle.say(free, 'Three.')
    await busy.clock.advance(0)
    expect(lastText(await idle.frames(other.run.id))).toBe('Meanwhile.')
    await busy.clock.advance(21_000)
    expect(busy.model.requests).toHaveLength(2)
  })
})

/** Two processes on one database: one runs one turn at once, the other hears what it is told. */
async function openTwo(
  script: readonly ScriptedStep[],
  others: readonly ScriptedStep[],
): Promise<
  {
    readonly busy: TestApp
    readonly idle: TestApp
    tell(news: CommitNews): void
  } & AsyncDisposable
> {
  const store = await openMemoryStore()
  const shared = { ids: createNumberedIds(), clock: createFakeClock() }
  const listeners = new Set<(news: CommitNews) => void>()
  const watch: Store['watch'] = (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const one = { concurrentTurns: 1 }
  const busy = await createTestApp({
    ...shared,
    script,
    store: asProcess(store, 'busy'),
    runtimeSettings: one,
  })
  const other = { ...asProcess(store, 'idle'), watch }
  const idle = await createTestApp({
    ...shared,
    script: others,
    store: other,
    runtimeSettings: one,
  })
  return {
    busy,
    idle,
    tell: (news) => {
      for (const listener of listeners) listener(news)
    },
    async [Symbol.asyncDispose]() {
      await busy.app.close()
      await idle.app.close()
      await store.close()
    },
  }
}

describe('a server that finds many open turns', () => {
  it('answers a fresh message beside the first of them, and one that waits among them next', async () => {
    const store = await openMemoryStore()
    const ids = createNumberedIds()
    const shared = { ids, store: { ...store, close: () => Promise.resolve() } }
    const open: Agent[] = []
    {
      await using crashed = await createTestApp(shared)
      for (let index = 0; index < 12; index += 1) {
        const agent = await crashed.createAgent()
        const id = defaultConversationId(agent.id)
        await crashed.app.runtime.pause(defaultScope, { conversationId: id, now: false })
        await crashed.say(agent, `Left open ${index}.`)
        await store.resumeConversation(defaultScope, { id, at: crashed.clock.now() })
        open.push(agent)
      }
    }
    const script = Array.from({ length: 14 }, () => ({ ...slow, text: 'Answered.' }))
    const runtimeSettings = { concurrentTurns: 8 }
    await using test = await createTestApp({ ...shared, script, runtimeSettings })
    test.app.runtime.start()
    await test.clock.advance(100)
    const asked = () => test.model.requests.map(({ messages }) => lastWords(messages))
    expect(asked()).toEqual(['Left open 0.', 'Left open 1.'])
    await test.say(await test.createAgent(), 'Just now.')
    await test.clock.advance(0)
    expect(asked().slice(2)).toEqual(['Just now.'])
    const last = open.at(-1)
    if (last === undefined) throw new Error('no agent')
    const { run } = await test.say(last, 'And I?')
    await test.clock.advance(0)
    expect(asked().slice(3)).toEqual(['Left open 11.'])
    await test.clock.advance(200_000)
    expect(asked().slice(4).toSorted()).toEqual(
      ['And I?', ...Array.from({ length: 9 }, (_, index) => `Left open ${index + 2}.`)].toSorted(),
    )
    expect(lastText(await test.frames(run.id))).toBe('Answered.')
    await test.app.close()
    await store.close()
  })
})

/** The words a request ends with. */
function lastWords(messages: ModelRequest['messages']): string {
  const last = messages.at(-1)
  const part = last?.role === 'user' ? last.content[0] : undefined
  return part?.type === 'text' ? part.text : ''
}

describe('runClaimLoop()', () => {
  it('lets the process give up what it remembers of conversations that have rested for ten minutes', async () => {
    const memory = await openMemoryStore()
    const known: boolean[] = []
    const acceptInput: Store['acceptInput'] = async (scope, input) => {
      known.push((input.claim?.known ?? null) !== null)
      return await memory.acceptInput(scope, input)
    }
    await using test = await createTestApp({
      store: { ...memory, acceptInput },
      script: Array.from({ length: 4 }, () => ({ text: 'Yes.' })),
    })
    test.app.runtime.start()
    const agent = await test.createAgent()
    const say = async (): Promise<void> => {
      const { run } = await test.say(agent, 'And now?')
      await test.frames(run.id)
      await test.clock.advance(0)
    }
    await say()
    await say()
    await test.clock.advance(599_000)
    await say()
    await test.clock.advance(601_000)
    await say()
    expect(known).toEqual([false, true, true, false])
  })

  it('offers all open turns to a process with room each second, and only the oldest to a busy one', async () => {
    const store = await openMemoryStore()
    const clock = createFakeClock()
    const open = ['conv-1', 'conv-2', 'conv-3'].map((conversationId) => ({
      scope: defaultScope,
      conversationId,
      turnId: 'turn-1',
      runId: 'run-1',
      lease: null,
    }))
    const parts = {
      store: { ...store, listOpenWork: () => Promise.resolve(open) },
      clock,
      settings: defaultRuntimeSettings,
      logger: silentLogger,
    }
    const offered: string[] = []
    const pool = {
      room: 0,
      has: (id: string) => offered.includes(id),
      offer: (_: TenantScope, id: string) => void offered.push(id),
      forgetIdle: () => undefined,
    }
    const over = new AbortController()
    const loop = runClaimLoop(parts, pool, over.signal)
    await clock.advance(0)
    expect(offered).toEqual(['conv-1'])
    await clock.advance(1000)
    expect(offered).toEqual(['conv-1', 'conv-2'])
    pool.room = 1
    offered.length = 0
    await clock.advance(1000)
    expect(offered).toEqual(['conv-1', 'conv-2', 'conv-3'])
    over.abort()
    await loop
    await store.close()
  })
})

import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createEventStream, type EventStreamOptions, type StreamFrame } from './sse.ts'

interface Trial {
  readonly stream: ReadableStream<Uint8Array>
  readonly asked: () => number
  readonly ended: string[]
  readonly clock: ReturnType<typeof createFakeClock>
}

function open(
  frames: (clock: Trial['clock']) => AsyncGenerator<StreamFrame>,
  options: Partial<EventStreamOptions> = {},
): Trial {
  const clock = createFakeClock()
  let asked = 0
  const source = frames(clock)
  const ended: string[] = []
  const stream = createEventStream({
    frames: {
      next: () => {
        asked += 1
        return source.next()
      },
    },
    ping: null,
    pingIntervalMs: 20,
    stalledAfterMs: 1000,
    clock,
    onDelivered: () => ended.push('delivered'),
    onAbandoned: () => ended.push('abandoned'),
    ...options,
  })
  return { stream, asked: () => asked, ended, clock }
}

async function* counting(count: number): AsyncGenerator<StreamFrame> {
  for (let number = 1; number <= count; number += 1) yield { name: null, data: { number } }
}

const ping = (): StreamFrame => ({ name: null, data: { ping: true } })

test('createEventStream() writes frames, names errors and ends with [DONE]', async () => {
  const { stream, ended } = open(async function* () {
    yield { name: null, data: { text: 'a\nb 🐘' } }
    yield { name: 'error', data: { detail: 'x' } }
  })
  const text = await new Response(stream).text()
  expect(text).toBe(
    'data: {"text":"a\\nb 🐘"}\n\nevent: error\ndata: {"detail":"x"}\n\ndata: [DONE]\n\n',
  )
  expect(ended).toEqual(['delivered'])
})

test('createEventStream() opens with a ping and fills silence with more, not more than the silence', async () => {
  const { stream, clock } = open(
    async function* (time) {
      await time.sleep(50)
      yield { name: null, data: { late: true } }
    },
    { ping },
  )
  const reading = new Response(stream).text()
  await clock.advance(20)
  await clock.advance(20)
  await clock.advance(20)
  const frames = (await reading).split('\n\n').slice(0, -1)
  expect(frames).toEqual([
    'data: {"ping":true}',
    'data: {"ping":true}',
    'data: {"ping":true}',
    'data: {"late":true}',
    'data: [DONE]',
  ])
})

test('createEventStream() asks for no more frames than its reader takes, a batch at a time', async () => {
  const { stream, asked, ended } = open(() => counting(1_000_000))
  const reader = stream.getReader()
  for (let taken = 1; taken <= 3; taken += 1) {
    await reader.read()
    expect(asked()).toBe(taken * 64)
  }
  await reader.cancel()
  expect(ended).toEqual(['abandoned'])
  expect(asked()).toBe(192)
})

test('createEventStream() writes at once what is there at once, and waits for nothing more', async () => {
  const { stream, clock } = open(async function* (time) {
    yield* counting(2)
    await time.sleep(50)
    yield { name: null, data: { late: true } }
  })
  const reader = stream.getReader()
  const text = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value)
  expect(await text()).toBe('data: {"number":1}\n\ndata: {"number":2}\n\n')
  const late = text()
  await clock.advance(50)
  expect(await late).toBe('data: {"late":true}\n\ndata: [DONE]\n\n')
})

test('createEventStream() gives up a reader that takes nothing for too long', async () => {
  const { stream, clock, ended, asked } = open(() => counting(1000))
  const reader = stream.getReader()
  await reader.read()
  await clock.advance(999)
  expect(ended).toEqual([])
  await clock.advance(1)
  expect(ended).toEqual(['abandoned'])
  await expect(reader.read()).rejects.toThrow(/takes nothing/)
  expect(asked()).toBe(64)
})

test('createEventStream() lets a stalled reader and failing frames be cut in another way', async () => {
  const reasons: string[] = []
  const cut = (reason: Error): void => void reasons.push(reason.message)
  const stalled = open(() => counting(1000), { cut })
  await stalled.stream.getReader().read()
  await stalled.clock.advance(1000)
  const failing = open(
    async function* () {
      yield* counting(1)
      throw new Error('The database is gone.')
    },
    { cut },
  )
  const reader = failing.stream.getReader()
  const reading = reader.read()
  await expect.poll(() => reasons).toHaveLength(2)
  await reader.cancel()
  expect(await reading).toMatchObject({ done: true })
  expect([stalled.ended, failing.ended]).toEqual([['abandoned'], ['abandoned']])
  expect(reasons).toEqual([expect.stringContaining('takes nothing'), 'The database is gone.'])
})

test('createEventStream() leaves no timer behind', async () => {
  const { stream, clock } = open(() => counting(3), { ping })
  await new Response(stream).text()
  expect(clock.sleeping).toBe(0)
})

test('createEventStream() counts a reader that leaves after the end as served', async () => {
  const { stream, ended } = open(() => counting(0))
  const reader = stream.getReader()
  await reader.read()
  await reader.cancel()
  expect(ended).toEqual(['delivered'])
})

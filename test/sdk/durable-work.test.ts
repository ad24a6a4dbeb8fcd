import { expect, test } from 'vitest'
import { z } from 'zod'
import { toolId } from '../../src/tools/registry.ts'
import { endOf, openClient } from './open-client.ts'

const minute = 60_000

test('watch() shows a run by its id, by the key of its message, and from a number on', async () => {
  await using opened = await openClient({ script: [{ text: 'Hello there.' }] })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const runId = await client.submitMessage({ agentId, message: 'Hello.', otid: 'greeting' })
  const byId = await endOf(client.watch({ runId }))
  const numbers: number[] = []
  const byKey = await endOf(
    client.watch({
      agentId,
      otid: 'greeting',
      onFrame: (frame) => {
        if (frame.message_type === 'assistant_message') numbers.push(frame.seq_id ?? 0)
      },
    }),
  )
  expect([byId[0].text, byId.runId]).toEqual(['Hello there.', runId])
  expect([byKey[0].text, byKey.runId]).toEqual(['Hello there.', runId])
  const after = numbers.at(-1) ?? 0
  const rest: unknown[] = []
  const behind = client.watch({ runId, after, onFrame: (frame) => rest.push(frame.message_type) })
  await expect(endOf(behind)).rejects.toMatchObject({ code: 'no_answer' })
  expect(rest).toEqual(['ping', 'stop_reason', 'usage_statistics'])
  await expect(endOf(client.watch({ agentId, otid: 'nobody' }))).rejects.toMatchObject({
    name: 'LettaError',
    status: expect.any(Number),
  })
})

test('pause() rests a turn at once and resume() goes on in the same run', async () => {
  await using opened = await openClient({
    script: [{ text: 'Half', delayBeforeEndMs: minute }, { text: 'Whole.' }],
  })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const runId = await client.submitMessage({ agentId, message: 'Begin.' })
  await product.clock.advance(1000)
  expect(await client.pause({ agentId })).toBe(false)
  await client.pause({ agentId, now: true })
  await product.clock.advance(1000)
  expect(await client.pause({ agentId })).toBe(true)
  await client.resume({ agentId })
  expect((await endOf(client.follow({ runId })))[0].text).toBe('Whole.')
})

test('signal() wakes the turn that waits for its name, once for each id', async () => {
  await using opened = await openClient({
    script: [{ toolCalls: [{ name: 'wait', arguments: { signal: 'paid' } }] }, { text: 'Thanks.' }],
  })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent({ toolIds: [toolId('wait')] })
  const runId = await client.submitMessage({ agentId, message: 'Begin.' })
  await product.clock.advance(1000)
  expect(await client.signal({ agentId, name: 'other' })).toBeNull()
  const paid = { agentId, name: 'paid', payload: { amount: 3 }, id: 'payment-1' }
  expect(await client.signal(paid)).toBe(runId)
  expect((await endOf(client.follow({ runId })))[0].text).toBe('Thanks.')
  expect(JSON.stringify(product.model.requests[1]?.messages)).toContain('amount')
})

test('cancel() ends a run, and says so when it was over', async () => {
  await using opened = await openClient({
    script: [{ text: 'Long', delayBeforeEndMs: minute }, { text: 'Short.' }],
  })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const runId = await client.submitMessage({ agentId, message: 'Begin.' })
  await product.clock.advance(1000)
  expect(await client.cancel({ runId })).toBe(true)
  await expect(endOf(client.follow({ runId }))).rejects.toMatchObject({ code: 'cancelled' })
  const { runId: second } = await client.userMessage({ agentId, message: 'Again.' })
  expect(await client.cancel({ runId: second ?? '' })).toBe(false)
})

test('schedule() makes one that rests, goes on and is removed; a time that is over is refused', async () => {
  await using opened = await openClient({ script: [{ text: 'Nothing.' }] })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const given = { agentId, message: 'Look.', everySeconds: 3600, missed: 'all' } as const
  const schedule = await client.schedule(given)
  expect(schedule).toMatchObject({
    agentId,
    conversationId: 'default',
    state: 'active',
    message: 'Look.',
    everySeconds: 3600,
    missed: 'all',
    nextAt: new Date(product.clock.now() + 60 * minute),
    firedCount: 0,
  })
  const scheduleId = schedule.id
  expect(await client.pauseSchedule({ scheduleId })).toMatchObject({
    state: 'paused',
    nextAt: null,
  })
  expect(await client.resumeSchedule({ scheduleId })).toMatchObject({ state: 'active' })
  expect(await client.listSchedules({ agentId })).toMatchObject([{ id: scheduleId }])
  product.app.jobs.start()
  await product.clock.advance(60 * minute + 1000)
  const fired = await client.getSchedule({ scheduleId })
  expect(fired).toMatchObject({ firedCount: 1, lastRunId: expect.stringMatching(/^run-/) })
  expect(await client.listBackgroundJobs({ kinds: ['schedule'], states: ['ready'] })).toMatchObject(
    [{ agentId, maxAttempts: null, payload: { schedule_id: scheduleId } }],
  )
  await client.removeSchedule({ scheduleId })
  await expect(client.getSchedule({ scheduleId })).rejects.toMatchObject({ code: 'not_found' })
  const over = client.schedule({ agentId, message: 'Late.', at: new Date(0) })
  await expect(over).rejects.toMatchObject({ code: 'invalid_argument' })
  await expect(client.schedule({ agentId, message: ' ' })).rejects.toThrow('it is empty')
})

/** A tool that waits for somebody's word. */
const send = {
  name: 'send_mail',
  description: 'Send a mail.',
  parameters: z.object({}),
  replay: 'once',
  requiresApproval: true,
} as const

test('approve() and deny() answer what a run asked; without a question they are refused', async () => {
  let sent = 0
  const { defineTool } = await import('../../src/tools/define-tool.ts')
  const tool = defineTool({ ...send, run: async () => `mail ${(sent += 1)}` })
  const call = { toolCalls: [{ name: 'send_mail', arguments: {} }] }
  await using opened = await openClient({
    script: [call, { text: 'Sent.' }, call, { text: 'Then not.' }],
    tools: [tool],
  })
  const { client, product } = opened
  const agent = await client.createAgent({ name: 'Ada', tools: ['send_mail'] })
  const ask = async (): Promise<string> => {
    const runId = await client.submitMessage({ agentId: agent.id, message: 'Send it.' })
    await product.frames(runId)
    expect(await client.pendingCalls({ runId })).toMatchObject([{ name: 'send_mail' }])
    return runId
  }
  const first = await ask()
  expect((await endOf(client.approve({ runId: first })))[0].text).toBe('Sent.')
  expect(sent).toBe(1)
  const second = await ask()
  const denied = await endOf(client.deny({ runId: second, reason: 'Not today.' }))
  expect(denied[0].text).toBe('Then not.')
  expect([sent, JSON.stringify(product.model.requests.at(-1)?.messages)]).toEqual([
    1,
    expect.stringContaining('Not today.'),
  ])
  const { runId } = denied
  await expect(endOf(client.approve({ runId: runId ?? '' }))).rejects.toMatchObject({
    code: 'approval_not_pending',
  })
})

test('returnTools() goes on with what the caller ran', async () => {
  await using opened = await openClient({
    script: [{ toolCalls: [{ name: 'look_up', arguments: {} }] }, { text: 'It is 3.' }],
  })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const { response } = await client.letta.agents.messages
    .createAsync(agentId, {
      messages: [{ role: 'user', content: 'How many?' }],
      client_tools: [{ name: 'look_up', parameters: { type: 'object', properties: {} } }],
    })
    .withResponse()
  const runId = response.headers.get('x-letta-run-id') ?? ''
  await product.frames(runId)
  const [call] = await client.pendingCalls({ runId })
  const returns = [{ callId: call?.callId ?? '', text: 'three' }]
  expect((await endOf(client.returnTools({ runId, returns })))[0].text).toBe('It is 3.')
  expect(JSON.stringify(product.model.requests[1]?.messages)).toContain('three')
})

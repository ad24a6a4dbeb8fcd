import { expect, test } from 'vitest'
import { defaultScope } from '../../src/domain/scope.ts'
import { newJob } from '../../src/domain/job.ts'
import { startWireServer } from '../../src/testing/wire-server.ts'
import { describeWire } from './open-wire.ts'

const messages = [{ role: 'user' as const, content: 'Look at the mail.' }]
const minute = 60_000

describeWire('schedules', (open) => {
  test('the official client schedules messages for an agent [schedules.agent]', async () => {
    await using wire = await open({ script: [{ text: 'Nothing new.' }] })
    const { client } = wire
    const agent = await wire.test.createAgent()
    const at = wire.test.clock.now() + minute
    const once = await client.agents.schedule.create(agent.id, {
      messages,
      schedule: { type: 'one-time', scheduled_at: at },
    })
    expect(once.next_scheduled_at).toBe(new Date(at).toISOString())
    const daily = await client.agents.schedule.create(agent.id, {
      messages,
      max_steps: 3,
      schedule: { type: 'recurring', cron_expression: '0 9 * * *' },
    })
    const page = await client.agents.schedule.list(agent.id)
    expect(page.has_next_page).toBe(false)
    expect(page.scheduled_messages.map(({ id }) => id)).toEqual([once.id, daily.id])
    const found = await client.agents.schedule.retrieve(daily.id, { agent_id: agent.id })
    expect(found).toMatchObject({
      agent_id: agent.id,
      message: { messages: [{ role: 'user', content: 'Look at the mail.' }], max_steps: 3 },
      schedule: { type: 'recurring', cron_expression: '0 9 * * *' },
    })
    expect(await client.agents.schedule.delete(daily.id, { agent_id: agent.id })).toEqual({
      success: true,
    })
    const other = await wire.test.createAgent({ name: 'other' })
    const foreign = client.agents.schedule.retrieve(once.id, { agent_id: other.id })
    await expect(foreign).rejects.toMatchObject({ status: 404 })
    wire.app.jobs.start()
    await wire.test.clock.advance(minute + 100)
    const [run] = (await client.runs.list({ agent_id: agent.id })).items
    expect(run?.metadata).toMatchObject({ run_type: 'scheduled_message' })
    expect((await client.agents.schedule.list(agent.id)).scheduled_messages).toEqual([])
  })

  test('a conversation has schedules that rest and go on [schedules.conversation]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent({ timezone: 'Europe/Berlin' })
    const { id: conversationId } = await wire.client.conversations.create({ agent_id: agent.id })
    const root = `/v1/conversations/${conversationId}/schedules`
    const created = await wire.send('POST', root, { messages, cron: '0 9 * * 1-5', missed: 'all' })
    expect(created.status).toBe(201)
    const schedule = (await created.json()) as { id: string }
    expect(schedule).toMatchObject({
      agent_id: agent.id,
      conversation_id: conversationId,
      state: 'active',
      cron: '0 9 * * 1-5',
      timezone: 'Europe/Berlin',
      missed: 'all',
      next_at: '2026-11-23T08:00:00.000Z',
      fired_count: 0,
    })
    await wire.send('POST', '/v1/conversations/default/schedules', {
      agent_id: agent.id,
      messages,
      every_seconds: 3600,
    })
    const list = async (path: string): Promise<readonly { id: string; state: string }[]> =>
      (await (await wire.fetch(path)).json()) as { id: string; state: string }[]
    expect((await list(root)).map(({ id }) => id)).toEqual([schedule.id])
    expect(await list(`/v1/schedules?agent_id=${agent.id}`)).toHaveLength(2)
    for (const [action, state] of [
      ['pause', 'paused'],
      ['pause', 'paused'],
      ['resume', 'active'],
    ] as const) {
      const changed = await wire.send('POST', `/v1/schedules/${schedule.id}/${action}`, {})
      expect(await changed.json()).toMatchObject({ id: schedule.id, state })
    }
    const path = `/v1/schedules/${schedule.id}`
    expect((await wire.fetch(path, { method: 'DELETE' })).status).toBe(204)
    expect((await wire.fetch(path)).status).toBe(404)
  })

  test.each([
    [{ cron: '0 0 30 2 *' }, 400, 'it never fires|never fires'],
    [{ cron: '99 * * * *' }, 400, 'is no cron expression'],
    [{ cron: '0 9 * * *', timezone: 'Nowhere/City' }, 400, 'is no time zone'],
    [{ at: '2001-01-01T00:00:00Z' }, 400, 'is over'],
    [{ every_seconds: 1 }, 400, 'too short'],
    [{}, 422, 'Exactly one of'],
    [{ cron: '0 9 * * *', every_seconds: 60 }, 422, 'Exactly one of'],
    [{ every_seconds: 60, timezone: 'Europe/Berlin' }, 422, "'timezone' belongs to 'cron'"],
    [{ every_seconds: 60, messages: [] }, 422, ''],
    [{ every_seconds: 60, messages: [{ role: 'user', content: ' ' }] }, 422, 'must not be empty'],
    [{ every_seconds: 60, callback_url: 'http://10.0.0.1/x' }, 400, 'LETTA_OUTBOUND_ALLOW'],
  ])('%j is refused with %s [schedules.conversation]', async (given, status, sentence) => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    const body = { agent_id: agent.id, messages, ...given }
    const refused = await wire.send('POST', '/v1/conversations/default/schedules', body)
    expect([refused.status, await refused.text()]).toEqual([
      status,
      expect.stringMatching(new RegExp(sentence)),
    ])
  })

  test('callback_url is told the end of the run, and the run tells of it [send.callback]', async () => {
    await using server = await startWireServer(() => ({}))
    await using wire = await open({
      script: [{ text: 'Done.' }],
      settings: { outboundAllow: ['127.0.0.1'] },
    })
    const agent = await wire.test.createAgent()
    const { id } = await wire.client.agents.messages.createAsync(agent.id, {
      messages,
      callback_url: server.url,
    })
    await wire.test.frames(id)
    wire.app.jobs.start()
    for (let round = 0; round < 400 && server.requests.length === 0; round += 1) {
      await wire.test.clock.advance(100)
    }
    expect(JSON.parse(server.requests[0]?.body ?? '{}')).toMatchObject({
      run_id: id,
      status: 'completed',
    })
    const read = async (): Promise<object> => await wire.client.runs.retrieve(id)
    await expect.poll(read).toMatchObject({
      callback_url: server.url,
      callback_sent_at: expect.stringMatching(/^2026-/),
      callback_status_code: 200,
      callback_error: null,
    })
  })

  test('health fails with a sentence while due jobs are not done, and only health [health.jobs, health.live]', async () => {
    await using wire = await open({ jobSettings: { stuckAfterMs: minute, concurrentJobs: 0 } })
    const { app } = wire
    const { clock } = wire.test
    const job = newJob({
      id: `job-${app.ids.uuid()}`,
      tenantId: defaultScope.tenantId,
      lane: '',
      kind: 'callback',
      payload: {},
      maxAttempts: 1,
      at: clock.now(),
    })
    await app.store.enqueueJob(defaultScope, { job })
    app.jobs.start()
    const ask = async (path: string): Promise<[number, unknown]> => {
      const response = await wire.fetch(path)
      return [response.status, await response.json()]
    }
    const jobs = { due: 1, upcoming: 0, running: 0, dead: 0 }
    expect(await ask('/v1/health')).toEqual([
      200,
      expect.objectContaining({ status: 'ok', jobs: expect.objectContaining(jobs) }),
    ])
    await clock.advance(2 * minute)
    for (const [path, status] of [
      ['/v1/health', 503],
      ['/ready', 200],
    ] as const) {
      expect(await ask(path)).toEqual([
        status,
        expect.objectContaining({
          status: 'failing',
          detail: expect.stringContaining('Cannot get on with the background jobs'),
          jobs: expect.objectContaining(jobs),
        }),
      ])
    }
    expect(await ask('/v1/live')).toEqual([200, { version: app.settings.version, status: 'ok' }])
  })
})

import { expect, test } from 'vitest'
import { newJob, type Job } from '../../src/domain/job.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { describeWire, type Wire } from './open-wire.ts'

const root = '/v1/background-jobs'

async function storeJob(wire: Wire, given: Partial<Job> = {}): Promise<Job> {
  const { app } = wire
  const made = newJob({
    id: `job-${app.ids.uuid()}`,
    tenantId: defaultScope.tenantId,
    lane: '',
    kind: 'callback',
    payload: { run_id: 'run-1' },
    maxAttempts: 8,
    at: wire.test.clock.now(),
  })
  return await app.store.enqueueJob(defaultScope, { job: { ...made, ...given } })
}

async function read(wire: Wire, path: string): Promise<[number, unknown]> {
  const reply = await wire.fetch(path)
  return [reply.status, await reply.json()]
}

describeWire('background jobs', (open) => {
  test('dead ones are listed, shown, tried again and removed [jobs.background]', async () => {
    await using wire = await open()
    const lane = 'agent-00000000-0000-4000-8000-000000000001'
    const dead = await storeJob(wire, {
      state: 'dead',
      attempts: 8,
      lane,
      lastError: 'Nobody answers.',
    })
    const done = await storeJob(wire, { state: 'done', createdAt: dead.createdAt + 1 })
    const other = await storeJob(wire, {
      kind: 'other',
      createdAt: dead.createdAt + 2,
      maxAttempts: 2_147_483_647,
    })
    const list = async (query: string): Promise<readonly string[]> => {
      const [status, jobs] = await read(wire, `${root}${query}`)
      expect(status).toBe(200)
      return (jobs as { id: string }[]).map(({ id }) => id)
    }
    expect(await list('')).toEqual([other.id, done.id, dead.id])
    expect(await list('?state=dead&state=ready')).toEqual([other.id, dead.id])
    expect(await list('?kind=other')).toEqual([other.id])
    expect(await list(`/?limit=1&after=${other.id}`)).toEqual([done.id])
    expect((await read(wire, `${root}?state=broken`))[0]).toBe(422)
    expect((await read(wire, `${root}?after=job-x`))[0]).toBe(404)
    expect(await read(wire, `${root}/${dead.id}`)).toEqual([
      200,
      {
        id: dead.id,
        kind: 'callback',
        state: 'dead',
        agent_id: lane,
        payload: { run_id: 'run-1' },
        attempts: 8,
        max_attempts: 8,
        run_at: '2026-11-22T12:00:00.000Z',
        last_error: 'Nobody answers.',
        result: null,
        created_at: '2026-11-22T12:00:00.000Z',
        updated_at: '2026-11-22T12:00:00.000Z',
      },
    ])
    expect(await read(wire, `${root}/${other.id}`)).toEqual([
      200,
      expect.objectContaining({ agent_id: null, max_attempts: null }),
    ])
    const retry = async (id: string): Promise<[number, unknown]> => {
      const reply = await wire.send('POST', `${root}/${id}/retry`, {})
      return [reply.status, await reply.json()]
    }
    const remove = async (id: string): Promise<number> =>
      (await wire.fetch(`${root}/${id}`, { method: 'DELETE' })).status
    expect(await remove(done.id)).toBe(409)
    expect(await retry(done.id)).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining('it is done, not dead') }),
    ])
    expect(await retry(dead.id)).toEqual([
      200,
      expect.objectContaining({ state: 'ready', attempts: 0, last_error: 'Nobody answers.' }),
    ])
    expect(await remove(dead.id)).toBe(409)
    const second = await storeJob(wire, { state: 'dead' })
    expect(await remove(second.id)).toBe(204)
    expect(await remove(second.id)).toBe(404)
    expect((await read(wire, `${root}/nonsense`))[0]).toBe(422)
  })

  test('are for administrators with a key for all agents [jobs.background]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    const makeKey = async (body: object, secret = ''): Promise<string> => {
      const reply = await wire.send('POST', '/v1/keys', body, { authorization: `Bearer ${secret}` })
      return ((await reply.json()) as { key: string }).key
    }
    const admin = await makeKey({ name: 'admin' })
    const ask = async (key: string): Promise<number> =>
      (await wire.fetch(root, { headers: { authorization: `Bearer ${key}` } })).status
    expect(await ask(admin)).toBe(200)
    expect(await ask(await makeKey({ name: 'member', role: 'member' }, admin))).toBe(403)
    expect(await ask(await makeKey({ name: 'one', agent_ids: [agent.id] }, admin))).toBe(403)
  })
})

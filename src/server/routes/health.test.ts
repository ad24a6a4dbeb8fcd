import { describe, expect, it } from 'vitest'
import { AppError } from '../../errors/app-error.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { createServer } from '../create-server.ts'
import { openStore } from '../../storage/open-store.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { defaultScope, systemScope } from '../../domain/scope.ts'
import type { Store } from '../../storage/store.ts'
import { sampleBlock } from '../../storage/conformance/samples.ts'

describe('GET /ready', () => {
  it.each(['/ready', '/v1/ready', '/v1/ready/'])(
    'answers 200 at %s while the database answers',
    async (path) => {
      await using test = await createTestApp()
      const response = await createServer(test.app).request(path)
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ status: 'ok', engine: 'sqlite' }),
      ])
    },
  )

  it('answers 503 with the reason when the database fails', async () => {
    await using test = await createTestApp()
    const lost = new AppError('storage_failed', 'Cannot reach the database: refused. Start it.')
    const store = { ...test.app.store, countActiveKeys: () => Promise.reject(lost) }
    const response = await createServer({ ...test.app, store }).request('/v1/ready')
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unavailable', engine: 'sqlite', detail: lost.message },
    ])
  })

  it('answers 503 when the database says nothing for two seconds', async () => {
    await using test = await createTestApp()
    const store = { ...test.app.store, countActiveKeys: () => new Promise<number>(() => undefined) }
    const asked = createServer({ ...test.app, store }).request('/ready')
    await test.clock.advance(2000)
    const response = await asked
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('no answer within 2000 ms')
  })
})

describe('a database that can be read and stores nothing', () => {
  const full = new AppError('storage_full', 'Cannot use the database: the disk is full. Free it.')

  /** An app whose disk is full as long as `isFull` says so, and its answers to who asks how it is. */
  async function openFull() {
    const state = { isFull: true }
    const memory = await openMemoryStore()
    const store: Store = {
      ...memory,
      createBlock: (...given) =>
        state.isFull ? Promise.reject(full) : memory.createBlock(...given),
    }
    const test = await createTestApp({ store })
    const cause = { actor: { kind: 'user', id: defaultScope.userId }, reason: '' } as const
    return {
      state,
      test,
      write: (id: string) =>
        test.app.store.createBlock(defaultScope, {
          block: sampleBlock({ id, createdById: defaultScope.userId }),
          cause: { ...cause, sourceMessageIds: [] },
        }),
      async answers() {
        const paths = ['/ready', '/v1/health']
        const server = createServer(test.app)
        const found = await Promise.all(paths.map(async (path) => server.request(path)))
        return await Promise.all(
          found.map(async (response) => [response.status, await response.json()]),
        )
      },
    }
  }

  const well = [200, expect.objectContaining({ status: 'ok' })]
  const ill = [
    [503, expect.objectContaining({ status: 'unavailable', detail: full.message })],
    [503, expect.objectContaining({ status: 'failing', detail: full.message })],
  ]

  it('is told of until the same is stored again', async () => {
    const { state, test, write, answers } = await openFull()
    expect(await answers()).toEqual([well, well])
    await expect(write('block-1')).rejects.toBe(full)
    await test.app.store.countJobs(systemScope, { exceptKinds: [], at: 1 })
    expect(await answers()).toEqual(ill)
    state.isFull = false
    await write('block-2')
    expect(await answers()).toEqual([well, well])
    await test.app.close()
  })

  it('is told of until something else is stored', async () => {
    const { test, write, answers } = await openFull()
    await expect(write('block-1')).rejects.toBe(full)
    await test.createAgent()
    expect(await answers()).toEqual([well, well])
    await test.app.close()
  })

  it('is told of until the program is started again when the disk failed, as nothing can be stored by then', async () => {
    const failures = [Object.assign(new Error('disk I/O error'), { errcode: 1034 })]
    const beforeCommit = (): void => {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
    }
    const store = await openStore({ location: ':memory:', hooks: { beforeCommit } })
    const test = await createTestApp({ store })
    const server = createServer(test.app)
    const ready = async (): Promise<unknown> => (await server.request('/ready')).status
    expect(await ready()).toBe(200)
    await expect(test.createAgent()).rejects.toMatchObject({ code: 'storage_disk_failed' })
    await test.clock.advance(600_000)
    const health = await (await server.request('/v1/health')).json()
    expect([await ready(), health]).toEqual([
      503,
      expect.objectContaining({
        status: 'failing',
        detail: expect.stringContaining('the disk failed to store an earlier change'),
      }),
    ])
    await test.app.close()
  })

  it('is told of for a minute when nobody tries again', async () => {
    const { test, write, answers } = await openFull()
    await expect(write('block-1')).rejects.toBe(full)
    await test.clock.advance(59_000)
    expect(await answers()).toEqual(ill)
    await test.clock.advance(2000)
    expect(await answers()).toEqual([well, well])
    await test.app.close()
  })
})

describe('GET /health', () => {
  it('names the engine and whether its database answers', async () => {
    await using test = await createTestApp()
    const lost = Object.assign(Object.create(test.app.jobs) as typeof test.app.jobs, {
      health: () => Promise.reject(new Error('lost')),
    })
    const well = await createServer(test.app).request('/v1/health')
    const ill = await createServer({ ...test.app, jobs: lost }).request('/v1/health')
    expect(await well.json()).toMatchObject({
      engine: 'sqlite',
      database: 'ok',
      vectors: { available: true, by: 'built in' },
    })
    expect(await ill.json()).toMatchObject({ engine: 'sqlite', database: 'unavailable' })
  })

  it('answers that the process lives, without where the data is, while the database says nothing', async () => {
    await using test = await createTestApp()
    const keys = {
      ...test.app.services.keys,
      authenticate: () => new Promise<null>(() => undefined),
    }
    const services = { ...test.app.services, keys }
    const asked = createServer({ ...test.app, services }).request('/v1/health')
    await test.clock.advance(500)
    const body = await (await asked).json()
    expect(body).toMatchObject({ status: 'ok', engine: 'sqlite' })
    expect(body).not.toHaveProperty('location')
    expect(body).not.toHaveProperty('vectors')
  })
})

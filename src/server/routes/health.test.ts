import { describe, expect, it } from 'vitest'
import { AppError } from '../../errors/app-error.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { createServer } from '../create-server.ts'

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

import { expect, test } from 'vitest'
import { createTestApp } from '../testing/create-test-app.ts'
import { createServer } from './create-server.ts'
import { operations } from './operations.ts'

test('operations name exactly the routes that exist', async () => {
  await using kit = await createTestApp()
  const routes = createServer(kit.app)
    .routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
    .map(({ method, path }) => {
      const named = path.slice('/v1'.length).replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')
      return `${method} ${named}`
    })
  expect(new Set(routes)).toEqual(new Set(Object.keys(operations)))
})

test('GET /openapi.json describes each route with its schemas', async () => {
  await using kit = await createTestApp()
  const reply = await createServer(kit.app).fetch(new Request('http://localhost/openapi.json'))
  const document = (await reply.json()) as {
    paths: Record<
      string,
      Record<string, { parameters: { name: string; in: string }[]; requestBody?: object }>
    >
  }
  expect(Object.keys(document.paths).length).toBeGreaterThan(40)
  const send = document.paths['/v1/agents/{agent_id}/messages']
  expect(send?.['post']?.requestBody).toMatchObject({
    content: {
      'application/json': {
        schema: { type: 'object', properties: { messages: {}, max_steps: {} } },
      },
    },
  })
  const names = send?.['get']?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`)
  expect(names).toEqual(expect.arrayContaining(['path agent_id', 'query limit', 'query before']))
})

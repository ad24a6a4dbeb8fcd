import { expect, onTestFinished, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { listen } from '../../server/listen.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { createDoubleEmbedder } from '../../testing/double-embedder.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

/** A server with an agent that keeps a text, and what runs commands against it. */
async function createProduct() {
  const embedders = createDoubleEmbedder(() => [1, 0])
  const product = await createTestApp({ embedders })
  onTestFinished(async () => await product[Symbol.asyncDispose]())
  const server = await listen(product.app, { port: 0 })
  onTestFinished(() => server.close())
  async function run(...parameters: readonly string[]) {
    const environment = { LETTA_BASE_URL: server.url }
    const { context, stdout, stderr } = createTestContext({ environment })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  const agent = await product.createAgent({ name: 'Ada' })
  const scope = defaultScope
  await product.app.services.archives.addPassages(scope, { agentId: agent.id }, [
    { text: 'The heron nests.', tags: [], metadata: {}, createdAt: null },
  ])
  return { run, product, agent, model: embedders.handle }
}

test('letta embeddings chooses the model of an agent, and says how far its vectors are', async () => {
  const { run, product, agent, model } = await createProduct()
  expect(await run('embeddings', 'list')).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining('search is by words'),
  })
  const used = await run('embeddings', 'use', model, '--agent', 'Ada')
  const state = `0 of 1 texts have vectors of ${model}\n`
  expect(used).toEqual({ exitCode: 0, stdout: state, stderr: '' })
  expect((await run('embeddings', 'list')).stdout).toBe(state)
  const { stdout } = await run('embeddings', 'list', '--json')
  const progress = { model, texts: 1, vectors: 0, unserved: null, problem: null }
  expect(JSON.parse(stdout)).toEqual([progress])
  const wrong = await run('embeddings', 'use', 'mine/minilm', '--agent', 'Ada')
  expect(wrong.stdout).toMatch(/^0 of 1 .* clients may bring: Cannot embed with mine\/minilm/)
  const none = await run('embeddings', 'use', 'none', '--agent', 'Ada')
  expect(none).toEqual({ exitCode: 0, stdout: '', stderr: 'Ada is searched by words.\n' })
  const { embedding } = await product.app.services.agents.get(defaultScope, agent.id)
  expect(embedding).toBeNull()
})

test('letta embeddings rebuild has the vectors of a model made anew', async () => {
  const { run, product, agent, model } = await createProduct()
  await run('embeddings', 'use', model, '--agent', 'Ada')
  const { store } = product.app
  const { items } = await store.findWithoutVectors(defaultScope, { limit: 9 })
  await store.putVectors(defaultScope, { items: items.map((item) => ({ ...item, vector: [1] })) })
  expect((await run('embeddings', 'list')).stdout).toContain('1 of 1 texts')
  expect(await run('embeddings', 'rebuild', model)).toEqual({
    exitCode: 0,
    stdout: `0 of 1 texts have vectors of ${model}\n`,
    stderr: `Removed 1 vectors of ${model}.\n`,
  })
  expect(
    await store.countVectors(defaultScope, { kind: 'passage', agentId: agent.id, model }),
  ).toBe(0)
})

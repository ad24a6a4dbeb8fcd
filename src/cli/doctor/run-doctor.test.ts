import { expect, onTestFinished, test } from 'vitest'
import { createTestRun } from '../../../test/setup/create-test-run.ts'
import { newJob } from '../../domain/job.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createDoubleEmbedder } from '../../testing/double-embedder.ts'

test('letta doctor says how far vectors are, and fails where an endpoint does not make them', async () => {
  const embedders = createDoubleEmbedder(() => [1, 0])
  const opened = await createTestRun({ embedders })
  onTestFinished(() => opened.close())
  const { run, product } = opened
  expect((await run(['doctor'])).stdout).toContain('ok     embeddings: no agent or archive names')
  await product.createAgent({ embedding: 'mine/minilm' })
  await product.createAgent({ embedding: embedders.handle })
  expect((await run(['doctor'])).stdout).toMatch(
    /ok {5}embeddings: 0 of 0 texts .* mine\/minilm, which clients may bring: .*; 0 of 0 .* test\/double$/m,
  )
  const { ids, store } = product.app
  const { tenantId } = defaultScope
  const at = product.clock.now()
  const job = newJob({
    id: `job-${ids.uuid()}`,
    tenantId,
    lane: '',
    kind: 'embed',
    payload: {},
    maxAttempts: 1,
    at,
  })
  const result = { failed: { [embedders.handle]: 'Cannot embed: it is down. Start it.' } }
  await store.enqueueJob(defaultScope, { job: { ...job, result } })
  const { exitCode, stdout, stderr } = await run(['doctor'])
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/FAILED embeddings: .*: Cannot embed: it is down\. Start it\.$/m)
  expect(stderr).toContain('the step "embeddings" failed')
})

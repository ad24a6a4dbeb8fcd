import { expect, test } from 'vitest'
import { defaultScope } from '../../src/domain/scope.ts'
import { createEmbedKind } from '../../src/jobs/kinds/embed.ts'
import { newJob } from '../../src/domain/job.ts'
import { createDoubleEmbedder } from '../../src/testing/double-embedder.ts'
import { describeWire, type Wire } from './open-wire.ts'

/** Does the work of the job that makes vectors, once. */
async function embed({ app, test: given }: Wire): Promise<unknown> {
  const { store, ids, embedders } = app
  const kind = createEmbedKind({ store, clock: given.clock, embedders })
  const at = given.clock.now()
  const { tenantId } = defaultScope
  const id = `job-${ids.uuid()}`
  const job = newJob({ id, tenantId, lane: '', kind: 'embed', payload: {}, maxAttempts: 3, at })
  return (await kind.run(job, new AbortController().signal)).result
}

describeWire('embeddings', (open) => {
  test('let a search find by meaning, say why they did not, and can be made anew [embeddings.rebuild]', async () => {
    const embedders = createDoubleEmbedder((text) =>
      /kitten|animal/.test(text) ? [1, 0.1] : [0.1, 1],
    )
    await using wire = await open({ embedders })
    const model = embedders.handle
    const agent = await wire.test.createAgent({ embedding: model })
    for (const text of ['The kitten sleeps.', 'The oven is hot.']) {
      await wire.send('POST', `/v1/agents/${agent.id}/archival-memory`, { text })
    }
    const search = async () => {
      const body = { query: 'animal', agent_id: agent.id, explain: true }
      const reply = await wire.send('POST', '/v1/passages/search', body)
      return (await reply.json()) as {
        readonly results: readonly { readonly passage: { readonly text: string } }[]
        readonly explanation: { readonly dense: Readonly<Record<string, unknown>> }
      }
    }
    expect((await search()).results).toEqual([])
    expect(await embed(wire)).toMatchObject({ stored: 2 })
    const found = await search()
    expect(found.results[0]?.passage.text).toBe('The kitten sleeps.')
    expect(found.explanation.dense).toEqual({ model, vectors: 2, weight: 1, failure: null })
    embedders.fail('llm_unreachable')
    const down = await search()
    expect([down.results, down.explanation.dense['failure']]).toEqual([
      [],
      'Cannot embed: llm_unreachable. Start it.',
    ])
    embedders.fail(null)
    const rebuilt = await wire.send('POST', '/v1/embeddings/rebuild', { model })
    expect(await rebuilt.json()).toEqual({ model, removed: 2 })
    expect(await embed(wire)).toMatchObject({ stored: 2 })
    expect((await wire.send('POST', '/v1/embeddings/rebuild', {})).status).toBe(422)
  })
})

import { expect, test } from 'vitest'
import { defaultScope, systemScope } from '../../src/domain/scope.ts'
import { createEmbedKind, embedJobKind } from '../../src/jobs/kinds/embed.ts'
import { type Job, newJob } from '../../src/domain/job.ts'
import { createDoubleEmbedder } from '../../src/testing/double-embedder.ts'
import { createAgentVectors } from '../../sdk/src/vectors.ts'
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

/** Takes the job that makes vectors, as a server does. */
async function claimEmbedJob({ app }: Wire): Promise<Job> {
  const at = app.clock.now()
  const claim = { owner: 'test', kinds: [embedJobKind], at, leaseUntil: at + 1000 }
  const jobs = await app.store.claimJobs(systemScope, {
    ...claim,
    limit: 1,
    perTenant: 1,
    served: [],
  })
  const [job] = jobs
  if (job === undefined) throw new Error('There is no job')
  return job
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
    const failure = 'Cannot embed: llm_unreachable. Start it.'
    expect(down).toMatchObject({
      results: [],
      reason: `Nothing stored contains any of: animal. By words alone: ${failure}`,
      explanation: { dense: { failure } },
    })
    embedders.fail(null)
    const rebuilt = await wire.send('POST', '/v1/embeddings/rebuild', { model })
    expect(await rebuilt.json()).toEqual({ model, removed: 2 })
    expect(await embed(wire)).toMatchObject({ stored: 2 })
    expect((await wire.send('POST', '/v1/embeddings/rebuild', {})).status).toBe(422)
  })

  test('have their job as soon as an agent or archive names a model, and again after it was given up [embeddings.job]', async () => {
    await using wire = await open()
    const { store, clock } = wire.app
    const dueAt = async (): Promise<number | null> =>
      await store.nextJobAt(systemScope, { kinds: [embedJobKind] })
    const put = { result: {}, again: clock.now() + 60_000 }
    const failure = { error: 'no', retryAt: clock.now(), giveUp: true }
    const agent = await wire.test.createAgent()
    expect(await dueAt()).toBeNull()
    await wire.client.agents.create({ name: 'reader', embedding: 'mine/minilm' })
    expect(await dueAt()).toBe(clock.now())
    for (const [method, path, body] of [
      ['PATCH', `/v1/agents/${agent.id}`, { embedding: 'mine/other' }],
      ['POST', '/v1/archives/', { name: 'birds', embedding: 'mine/minilm' }],
      ['POST', '/v1/embeddings/rebuild', { model: 'mine/minilm' }],
    ] as const) {
      const at = clock.now()
      const { id, fence } = await claimEmbedJob(wire)
      await store.failJob(defaultScope, { id, fence, at, ...failure })
      expect(await dueAt()).toBeNull()
      await wire.send(method, path, body)
      expect(await dueAt()).toBe(at)
      const again = await claimEmbedJob(wire)
      await store.completeJob(defaultScope, { id, fence: again.fence, at, ...put })
      expect(await dueAt()).toBe(put.again)
      await wire.send(method, path, body)
      expect(await dueAt()).toBe(at)
    }
  })

  test('of passages are made anew when the agent or the archive names another model [embeddings.change]', async () => {
    const embedders = createDoubleEmbedder((text) => (/kitten|pet/.test(text) ? [1, 0] : [0, 1]))
    const second = createDoubleEmbedder(
      (text) => (/kitten|pet/.test(text) ? [1, 0, 0] : [0, 1, 0]),
      'test/second',
    )
    const both = {
      resolve: (handle: string) => (handle === second.handle ? second : embedders).resolve(handle),
    }
    await using wire = await open({ embedders: both })
    const { id } = await wire.client.agents.create({ name: 'a', embedding: embedders.handle })
    for (const text of ['The oven is hot.', 'The kitten sleeps.']) {
      await wire.client.agents.passages.create(id, { text })
    }
    const [archive] = (await wire.client.archives.list({ agent_id: id })).items
    const expectFound = async (model: string): Promise<void> => {
      expect(await embed(wire)).toMatchObject({ stored: 2 })
      for (const owner of [{ agent_id: id }, { archive_id: archive?.id }]) {
        const body = { query: 'pet', ...owner, limit: 1, explain: true }
        const found = await (await wire.send('POST', '/v1/passages/search', body)).json()
        expect(found).toMatchObject({
          results: [{ passage: { text: 'The kitten sleeps.' } }],
          explanation: { dense: { model, vectors: 2, failure: null } },
        })
      }
    }
    await expectFound(embedders.handle)
    await wire.client.agents.update(id, { embedding: second.handle })
    await expectFound(second.handle)
    await wire.send('POST', '/v1/embeddings/rebuild', { model: embedders.handle })
    const change = { embedding: embedders.handle }
    const changed = await wire.send('PATCH', `/v1/archives/${archive?.id}`, change)
    expect(await changed.json()).toMatchObject(change)
    await expectFound(embedders.handle)
    // The agent names the other one still, which is not what its archive names by now.
    await wire.client.agents.update(id, { embedding: 'mine/minilm' })
    const kept = await wire.fetch(`/v1/archives/${archive?.id}`)
    expect(await kept.json()).toMatchObject(change)
    // One that names none goes on to have that of its agents.
    const { id: plain } = await wire.client.agents.create({ name: 'b' })
    await wire.client.agents.passages.create(plain, { text: 'The kitten plays.' })
    await wire.client.agents.update(plain, { embedding: embedders.handle })
    const [own] = (await wire.client.archives.list({ agent_id: plain })).items
    expect(own).toMatchObject({ embedding: null })
  })

  test('that cannot be asked for are told of wherever a search goes on by words [embeddings.words]', async () => {
    const embedders = createDoubleEmbedder(() => [1, 0])
    const toolCall = { name: 'archival_memory_search', arguments: { query: 'heron' } }
    const script = [{ toolCalls: [toolCall] }, { text: 'By the weir.' }]
    await using wire = await open({ embedders, script })
    const { id } = await wire.client.agents.create({
      name: 'a',
      embedding: embedders.handle,
      tools: ['archival_memory_search'],
    })
    await wire.client.agents.passages.create(id, { text: 'The heron nests by the weir.' })
    const failure = 'Cannot embed: llm_unreachable. Start it.'
    const failures = async (): Promise<readonly (string | null)[]> => {
      const body = { query: 'heron', agent_id: id }
      const replies = await Promise.all([
        wire.send('POST', '/v1/passages/search', body),
        wire.send('POST', '/v1/messages/search', body),
        wire.send('GET', `/v1/agents/${id}/archival-memory/search?query=heron`, undefined),
      ])
      return replies.map(({ headers }) => headers.get('x-letta-words-alone'))
    }
    expect(await failures()).toEqual([null, null, null])
    embedders.fail('llm_unreachable')
    const told = encodeURIComponent(failure)
    expect(await failures()).toEqual([told, told, told])
    const { messages } = await wire.client.agents.messages.create(id, { input: 'Where is it?' })
    const returned = messages.find(({ message_type: type }) => type === 'tool_return_message')
    expect(JSON.stringify(returned)).toContain(`By words alone. ${failure} Showing 1 results:`)
  })

  test('tell by model how far they are, and what keeps them from being made [embeddings.progress]', async () => {
    const embedders = createDoubleEmbedder(() => [1, 0])
    await using wire = await open({ embedders })
    const { store, clock } = wire.app
    const model = embedders.handle
    const progress = async (): Promise<unknown> =>
      await (await wire.send('GET', '/v1/embeddings', undefined)).json()
    expect(await progress()).toEqual({ models: [] })
    const agent = await wire.client.agents.create({ name: 'a', embedding: model })
    await wire.client.agents.passages.create(agent.id, { text: 'The heron nests.' })
    await wire.client.agents.create({ name: 'b', embedding: 'mine/minilm' })
    const unserved = expect.stringContaining('Cannot embed with mine/minilm')
    const others = { model: 'mine/minilm', texts: 0, vectors: 0, unserved, problem: null }
    const ours = { model, texts: 1, vectors: 0, unserved: null, problem: null }
    expect(await progress()).toEqual({ models: [others, ours] })
    const kind = createEmbedKind({ store, clock, embedders })
    const at = clock.now()
    const job = await claimEmbedJob(wire)
    embedders.fail('llm_unreachable')
    const outcome = await kind.run(job, new AbortController().signal)
    await store.completeJob(defaultScope, { id: job.id, fence: job.fence, at, ...outcome })
    const problem = 'Cannot embed: llm_unreachable. Start it.'
    expect(await progress()).toEqual({ models: [others, { ...ours, problem }] })
    embedders.fail(null)
    expect(await embed(wire)).toMatchObject({ stored: 1 })
    expect(await progress()).toMatchObject({ models: [others, { model, texts: 1, vectors: 1 }] })
  })

  test('that wait for a provider without a key are told of as a problem [embeddings.progress]', async () => {
    await using wire = await open()
    const model = 'openai/text-embedding-3-small'
    const agent = await wire.client.agents.create({ name: 'a', embedding: model })
    await wire.client.agents.passages.create(agent.id, { text: 'The heron nests.' })
    const problem = expect.stringContaining('OPENAI_API_KEY is missing')
    expect(await (await wire.send('GET', '/v1/embeddings', undefined)).json()).toEqual({
      models: [{ model, texts: 1, vectors: 0, unserved: null, problem }],
    })
  })

  test('count for a search of messages only where its mode lets them [embeddings.modes]', async () => {
    const embedders = createDoubleEmbedder((text) => (/kitten|pet/.test(text) ? [1, 0] : [0, 1]))
    await using wire = await open({ embedders, script: [{ text: 'Yes.' }, { text: 'No.' }] })
    const agent = await wire.test.createAgent({ embedding: embedders.handle })
    await wire.client.agents.messages.create(agent.id, { input: 'The kitten sleeps.' })
    await wire.client.agents.messages.create(agent.id, { input: 'The oven is no pet.' })
    const search = async (body: object): Promise<unknown> => {
      const asked = { query: 'pet', agent_id: agent.id, limit: 1, explain: true, ...body }
      return await (await wire.send('POST', '/v1/messages/search', asked)).json()
    }
    const none = { results: [], reason: expect.stringContaining('has a vector') }
    expect(await search({ search_mode: 'vector' })).toMatchObject(none)
    expect(await embed(wire)).toMatchObject({ stored: 4 })
    const results = [{ content: 'The oven is no pet.' }]
    const byWords = { results, explanation: { dense: null } }
    expect(await search({ search_mode: 'fts' })).toMatchObject(byWords)
    const dense = { model: embedders.handle, vectors: 4, failure: null }
    const byBoth = { results, explanation: { dense } }
    expect(await search({ search_mode: 'hybrid' })).toMatchObject(byBoth)
    const byMeaning = { explanation: { dense: { ...dense, weight: 1 } } }
    expect(await search({ search_mode: 'vector' })).toMatchObject(byMeaning)
    embedders.fail('llm_unreachable')
    expect(await search({ search_mode: 'vector' })).toMatchObject({ code: 'llm_unreachable' })
    const refused = { code: 'invalid_argument' }
    expect(await search({ search_mode: 'fts', embedding: [1, 0] })).toMatchObject(refused)
    embedders.fail(null)
    expect(await search({ search_mode: 'vector', query: ' ' })).toMatchObject(refused)
    const plain = await wire.test.createAgent()
    const unnamed = await search({ search_mode: 'vector', agent_id: plain.id })
    expect(unnamed).toMatchObject({ ...refused, detail: expect.stringContaining('mine/minilm') })
  })

  test('may be brought by the client, with a text or for stored ones, and be searched by [embeddings.brought]', async () => {
    await using wire = await open({ script: [{ text: 'Noted.' }] })
    const model = 'mine/minilm'
    const { id } = await wire.test.createAgent({ embedding: model })
    const vectors = createAgentVectors(wire.client, id)
    const heron = await vectors.addPassage({ text: 'The heron nests.', embedding: [1, 0, 0] })
    const [oven] = await wire.client.agents.passages.create(id, { text: 'The oven is hot.' })
    await wire.client.agents.messages.create(id, { input: 'I like weirs.' })
    const said = (await wire.client.agents.messages.list(id)).items.at(-2)?.id ?? ''
    const given = [oven?.id ?? '', said, 'passage-none']
    const put = { model, vectors: given.map((each) => ({ id: each, embedding: [0, 1, 0.1] })) }
    expect(new Set(await vectors.put(put))).toEqual(new Set([oven?.id, said]))
    const compared = [
      { id: oven?.id ?? '', embedding: [0, 1, 0.1], text: 'The oven is hot.' },
      { id: said, embedding: [0, 1, 0.1], text: 'I like weirs.' },
      { id: heron.id, embedding: [0, 1, 0.1], text: 'The heron nests by the locker.' },
    ]
    expect(new Set(await vectors.put({ model, vectors: compared }))).toEqual(
      new Set([oven?.id, said]),
    )
    const near = await vectors.searchPassages({ embedding: [0.9, 0.2, 0], limit: 1 })
    expect(near).toMatchObject([{ id: heron.id, text: 'The heron nests.' }])
    const [message] = await vectors.searchMessages({ embedding: [0, 1, 0], query: 'zeppelin' })
    expect(message).toMatchObject({ message_id: said, content: 'I like weirs.' })
    const chosen = { embedding: [0.9, 0.2, 0], agent_id: id, complete_up_to: 0, explain: true }
    const found = await (await wire.send('POST', '/v1/passages/search', chosen)).json()
    expect(found).toMatchObject({
      results: [{ passage: { id: heron.id } }, { passage: { id: oven?.id } }],
      explanation: { dense: { model, vectors: 2, weight: 1, failure: null } },
    })
    const wrong = { code: 'embedding_dimension_mismatch' }
    const short = [1, 0]
    await expect(vectors.addPassage({ text: 'Lost?', embedding: short })).rejects.toMatchObject(
      wrong,
    )
    await expect(vectors.searchPassages({ embedding: short })).rejects.toMatchObject(wrong)
    await expect(vectors.searchMessages({ embedding: short })).rejects.toMatchObject(wrong)
    expect(await wire.client.agents.passages.list(id)).toHaveLength(2)
    const blocks = { model, vectors: [{ id: 'block-1', embedding: [1, 0, 0] }] }
    await expect(vectors.put(blocks)).rejects.toMatchObject({ code: 'invalid_argument' })
    const plain = createAgentVectors(wire.client, (await wire.test.createAgent()).id)
    const unnamed = { code: 'invalid_argument', message: expect.stringContaining('mine/minilm') }
    await expect(plain.addPassage({ text: 'x', embedding: short })).rejects.toMatchObject(unnamed)
    await expect(plain.searchPassages({ embedding: short })).rejects.toMatchObject(unnamed)
  })
})

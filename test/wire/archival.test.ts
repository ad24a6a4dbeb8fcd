import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('archival memory', (open) => {
  test('an archive is made on demand, and passages are listed and deleted [archival.agent]', async () => {
    await using wire = await open()
    const { client, test: kit } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    expect(await client.agents.passages.list(agent.id)).toEqual([])
    const [first] = await client.agents.passages.create(agent.id, {
      text: 'The engine is built in Bern.',
      tags: ['engine', 'engine'],
      created_at: '2026-01-02T03:04:05Z',
    })
    expect(first).toMatchObject({
      tags: ['engine'],
      created_at: '2026-01-02T03:04:05.000Z',
      embedding: null,
    })
    await kit.clock.advance(1000)
    const [second] = await client.agents.passages.create(agent.id, { text: 'It needs brass.' })
    const { items } = await client.archives.list({ agent_id: agent.id })
    expect(items).toMatchObject([
      {
        name: "Ada's Archive",
        description: 'Default archive created automatically',
        id: second?.archive_id,
      },
    ])
    const ids = async (query: object): Promise<readonly unknown[]> =>
      (await client.agents.passages.list(agent.id, query)).map(({ id }) => id)
    expect(await ids({})).toEqual([first?.id, second?.id])
    expect(await ids({ ascending: false })).toEqual([second?.id, first?.id])
    expect(await ids({ after: first?.id, ascending: false })).toEqual([second?.id])
    expect(await ids({ search: 'BRASS' })).toEqual([second?.id])
    expect(await client.agents.passages.delete(first?.id ?? '', { agent_id: agent.id })).toEqual({
      message: `Memory id=${first?.id} successfully deleted`,
    })
    expect(await ids({})).toEqual([second?.id])
    await expect(
      client.agents.passages.delete(first?.id ?? '', { agent_id: agent.id }),
    ).rejects.toMatchObject({ status: 404 })
  })

  test('a text of a megabyte is stored in pieces, none of it lost, each found [archival.create]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    const words = Array.from({ length: 130_000 }, (_, index) => `w${(index * 7919) % 5003}`)
    words[65_000] = 'xylophone'
    const text = `${words.join(' ')}${'🦊'.repeat(2000)}`
    expect(Buffer.byteLength(text)).toBeGreaterThan(750_000)
    const stored = await client.agents.passages.create(agent.id, { text, tags: ['long'] })
    expect(stored.length).toBeGreaterThan(100)
    expect(stored[0]?.metadata).toEqual({ piece: { part: 1, parts: stored.length } })
    const held = await client.agents.passages.list(agent.id, { limit: 1000 })
    expect(held.map((passage) => passage.text)).toEqual(stored.map((passage) => passage.text))
    expect(
      held
        .map((passage) => passage.text)
        .join('')
        .replaceAll(/\s/g, ''),
    ).toBe(text.replaceAll(/\s/g, ''))
    expect(held.every((passage) => passage.text.isWellFormed())).toBe(true)
    const found = await client.agents.passages.search(agent.id, { query: 'xylophone' })
    expect(found.results).toMatchObject([{ tags: ['long'] }])
    const other = await client.agents.create({ name: 'Bo', embedding: 'mine/minilm' })
    const root = `/v1/agents/${other.id}/archival-memory`
    const vector = Array.from({ length: 8 }, () => 0.5)
    const refused = await wire.send('POST', root, { text, embedding: vector })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain(`is stored in ${stored.length} pieces. Split it`)
    expect(await client.agents.passages.list(other.id)).toEqual([])
  })

  test('search finds by words, tags and dates of the agent, and nothing for a blank [archival.search]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ timezone: 'Asia/Tokyo' })
    const insert = (text: string, tags: string[], createdAt: string): Promise<unknown> =>
      client.agents.passages.create(agent.id, { text, tags, created_at: createdAt })
    await insert('The sailing boat is blue.', ['boat', 'blue'], '2026-03-01T10:00:00Z')
    await insert('The rowing boat is red.', ['boat', 'red'], '2026-03-02T20:00:00Z')
    await insert('Tea is at four.', ['tea'], '2026-03-03T10:00:00Z')
    const search = async (query: object): Promise<readonly string[]> =>
      (await client.agents.passages.search(agent.id, { query: 'boats', ...query })).results.map(
        ({ content }) => content,
      )
    expect((await search({})).toSorted()).toEqual([
      'The rowing boat is red.',
      'The sailing boat is blue.',
    ])
    expect(await search({ query: 'blue boats', top_k: 1 })).toEqual(['The sailing boat is blue.'])
    expect(await search({ tags: ['red', 'tea'] })).toEqual(['The rowing boat is red.'])
    expect(await search({ tags: ['boat', 'blue'], tag_match_mode: 'all' })).toEqual([
      'The sailing boat is blue.',
    ])
    expect(await search({ start_datetime: '2026-03-03', end_datetime: '2026-03-03' })).toEqual([
      'The rowing boat is red.',
    ])
    expect(await search({ query: '' })).toEqual([])
    const answered = async (query: object): Promise<unknown> =>
      await client.agents.passages.search(agent.id, { query: 'boats', ...query })
    expect(await answered({ top_k: 1 })).toMatchObject({ count: 1, reason: null, has_more: true })
    expect(await answered({ query: '' })).toEqual({
      results: [],
      count: 0,
      total: 0,
      cut: false,
      reason: 'The query is blank, so there is nothing to look for.',
      has_more: false,
    })
    expect(await answered({ query: 'zeppelin' })).toMatchObject({
      reason: 'Nothing stored contains any of: zeppelin.',
    })
    expect(await answered({ tags: ['tea'] })).toMatchObject({
      reason: 'The filter (tag tea) leaves no passage that contains any of: boats.',
    })
    const found = await client.agents.passages.search(agent.id, { query: 'sailing' })
    expect(found).toMatchObject({
      count: 1,
      results: [{ timestamp: '2026-03-01T19:00:00+09:00', tags: ['boat', 'blue'] }],
    })
    expect((await wire.fetch(`/v1/agents/${agent.id}/archival-memory/search`)).status).toBe(422)
    expect(
      (
        await wire.fetch(
          `/v1/agents/${agent.id}/archival-memory/search?query=a&start_datetime=soon`,
        )
      ).status,
    ).toBe(422)
  })

  test('an archive is shared by agents, filled, searched and deleted [archives.crud]', async () => {
    await using wire = await open()
    const { client } = wire
    const archive = await client.archives.create({ name: 'Library', description: 'Books' })
    expect(archive).toMatchObject({ vector_db_provider: 'native', embedding_config: null })
    const renamed = await client.archives.update(archive.id, { name: 'Shelf' })
    expect(renamed).toMatchObject({ name: 'Shelf', description: 'Books' })
    const agent = await client.agents.create({})
    expect(await client.agents.archives.attach(archive.id, { agent_id: agent.id })).toBeNull()
    await client.agents.archives.attach(archive.id, { agent_id: agent.id })
    const other = await client.archives.create({ name: 'Other' })
    await expect(
      client.agents.archives.attach(other.id, { agent_id: agent.id }),
    ).rejects.toMatchObject({ status: 409 })
    const passage = await client.archives.passages.create(archive.id, {
      text: 'Moby Dick is about a whale.',
    })
    const many = await client.archives.passages.createMany(archive.id, {
      passages: [
        { text: 'Emma is about Emma.' },
        { text: 'Dune is about sand.', metadata: { year: 1965 } },
      ],
    })
    expect(many).toMatchObject([{ archive_id: archive.id }, { metadata: { year: 1965 } }])
    expect(await client.agents.passages.list(agent.id)).toHaveLength(3)
    for (const target of [{ archive_id: archive.id }, { agent_id: agent.id }]) {
      const hits = await client.passages.search({ query: 'whales', ...target })
      expect(hits).toMatchObject([{ passage: { id: passage.id }, score: expect.any(Number) }])
    }
    await expect(
      client.archives.passages.delete(passage.id ?? '', { archive_id: other.id }),
    ).rejects.toMatchObject({ status: 400 })
    await client.archives.passages.delete(passage.id ?? '', { archive_id: archive.id })
    expect(await client.agents.archives.detach(archive.id, { agent_id: agent.id })).toBeNull()
    expect(await client.agents.passages.list(agent.id)).toEqual([])
    expect((await client.archives.list({ name: 'Shelf' })).items).toHaveLength(1)
    await client.archives.delete(archive.id)
    await expect(client.archives.retrieve(archive.id)).rejects.toMatchObject({ status: 404 })
  })
})

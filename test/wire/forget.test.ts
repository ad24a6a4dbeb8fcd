import { expect, test } from 'vitest'
import { describeWire, type Wire } from './open-wire.ts'

async function post<Result>(wire: Wire, path: string, body: object): Promise<Result> {
  return (await (await wire.send('POST', path, body)).json()) as Result
}

interface Preview {
  readonly token: string
  readonly items: readonly { readonly kind: string; readonly id: string; readonly reason: string }[]
}

describeWire('forgetting', (open) => {
  test('a preview names message, turn and passage and changes nothing [forget.preview]', async () => {
    await using wire = await open({ script: [{ text: 'The reeds are fine.' }] })
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    await client.agents.messages.create(agent.id, {
      messages: [{ role: 'user', content: 'My locker code is quillheron77.' }],
    })
    const passages = await client.agents.passages.create(agent.id, {
      text: 'They use quillheron77.',
      tags: ['codes'],
    })
    const preview = await post<Preview>(wire, '/v1/forget/preview', {
      query: 'QUILLHERON77',
      agent_id: agent.id,
    })
    expect(preview.items).toEqual([
      expect.objectContaining({ kind: 'message', reason: 'asked', effect: 'remove' }),
      expect.objectContaining({ kind: 'message', reason: 'same-turn', effect: 'remove' }),
      expect.objectContaining({ kind: 'passage', id: passages[0]?.id, reason: 'asked' }),
    ])
    expect(
      await client.messages.search({ query: 'quillheron77', agent_id: agent.id }),
    ).toHaveLength(1)
    const missing = { ids: ['passage-11111111-1111-4111-8111-111111111111'], agent_id: agent.id }
    expect((await wire.send('POST', '/v1/forget/preview', missing)).status).toBe(404)
    expect((await wire.send('POST', '/v1/forget/preview', {})).status).toBe(400)
    expect((await wire.send('POST', '/v1/forget/preview', { words: 'x' })).status).toBe(422)
  })

  test('a confirmed preview is forgotten for good, listed and read [forget.confirm]', async () => {
    await using wire = await open({ script: [{ text: 'Fine.' }, { text: 'Again?' }] })
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    const say = async (content: string): Promise<void> => {
      await client.agents.messages.create(agent.id, { messages: [{ role: 'user', content }] })
    }
    await say('My locker code is quillheron77.')
    const request = { query: 'quillheron77', agent_id: agent.id }
    const early = await post<Preview>(wire, '/v1/forget/preview', request)
    await say('Is it quillheron77?')
    const refused = await wire.send('POST', '/v1/forget', { ...request, token: early.token })
    expect(refused.status).toBe(409)
    expect(await (await wire.fetch('/v1/forget')).json()).toEqual([])
    const { token } = await post<Preview>(wire, '/v1/forget/preview', request)
    const receipt = await post<{ readonly id: string }>(wire, '/v1/forget', { ...request, token })
    expect(receipt).toMatchObject({
      state: 'done',
      origin: 'query',
      agent_id: agent.id,
      counts: { 'message remove': 4 },
      residue: { rows_found: 0, files_found: 0 },
    })
    expect(JSON.stringify(receipt)).not.toContain('quillheron77')
    expect(await (await wire.fetch('/v1/forget')).json()).toEqual([receipt])
    expect(await (await wire.fetch(`/v1/forget/${receipt.id}`)).json()).toEqual(receipt)
    expect((await wire.fetch('/v1/forget/forget-1')).status).toBe(404)
    expect(await client.messages.search({ query: 'quillheron77', agent_id: agent.id })).toEqual([])
    const runs = await client.runs.list({ agent_id: agent.id })
    expect(runs.items).toEqual([])
    const again = await wire.send('POST', '/v1/forget', { ...request, token })
    expect(again.status).toBe(409)
  })

  test('what agents with the same block hold is named, and goes when wished [forget.shared]', async () => {
    await using wire = await open({ script: [{ text: 'Fine.' }, { text: 'Fine.' }] })
    const { client } = wire
    const block = await client.blocks.create({ label: 'team', value: 'We count herons.' })
    const agent = await client.agents.create({ name: 'Ada', block_ids: [block.id] })
    const other = await client.agents.create({ name: 'Ben', block_ids: [block.id] })
    for (const { id } of [agent, other]) {
      const messages = [{ role: 'user' as const, content: 'The code is quillheron77.' }]
      await client.agents.messages.create(id, { messages })
    }
    const request = { query: 'quillheron77', agent_id: agent.id }
    const alone = await post(wire, '/v1/forget/preview', request)
    const rows = expect.any(Number) as number
    expect(alone).toMatchObject({
      elsewhere: { agents: [{ agent_id: other.id, rows }], unsearched: 0 },
    })
    const shared = { ...request, include_shared: true }
    const { token } = await post<Preview>(wire, '/v1/forget/preview', shared)
    const receipt = await post(wire, '/v1/forget', { ...shared, token })
    expect(receipt).toMatchObject({
      counts: { 'message remove': 4 },
      residue: { rows_found: 0, elsewhere: { agents: [], unsearched: 0 } },
    })
    expect(await client.messages.search({ query: 'quillheron77', agent_id: other.id })).toEqual([])
  })
})

import { expect, test } from 'vitest'
import { openClient } from './open-client.ts'

test('search() finds messages and passages by filters and pages, and says why there are none', async () => {
  await using opened = await openClient({ script: [{ text: 'A heron, noted.' }] })
  const { client, product } = opened
  const { id: agentId } = await product.createAgent()
  const other = await client.letta.conversations.create({ agent_id: agentId })
  await client.userMessage({ agentId, message: 'A heron by the weir.' })
  const search = client.search(agentId)
  const { results, ...page } = await search.messages({ query: 'heron', limit: 1 })
  expect(page).toMatchObject({ total: 2, has_more: true, reason: null })
  const rest = await search.messages({ query: 'heron', limit: 1, offset: 1 })
  expect(rest).toMatchObject({ total: 2, has_more: false, results: [{ relevance: {} }] })
  expect(rest.results[0]?.message_id).not.toBe(results[0]?.message_id)
  expect(await search.messages({ query: 'heron', roles: ['assistant'] })).toMatchObject({
    results: [{ content: 'A heron, noted.' }],
  })
  expect(await search.messages({ query: 'heron', conversationId: other.id })).toMatchObject({
    results: [],
    total: 0,
  })
  const texts = { reeds: ['birds', 'reeds'], weir: ['birds', 'weir'] }
  for (const [place, tags] of Object.entries(texts)) {
    await client.letta.agents.passages.create(agentId, { text: `Heron in the ${place}.`, tags })
  }
  const tagged = async (tagMatch: 'any' | 'all'): Promise<number | null> =>
    (await search.passages({ query: 'heron', tags: ['birds', 'weir'], tagMatch })).total
  expect([await tagged('any'), await tagged('all')]).toEqual([2, 1])
  expect(await search.passages({ query: 'heron', to: '2001-01-01' })).toMatchObject({
    results: [],
    reason: expect.stringMatching(/^The filter \(until 2001-01-01/),
  })
  await expect(search.messages({ query: 'heron', from: 'soonish' })).rejects.toMatchObject({
    code: 'validation_failed',
    message: expect.stringMatching(/^Cannot read from "soonish": /),
  })
})

import { expect, test } from 'vitest'
import { describeWire, type Wire } from './open-wire.ts'

interface Change {
  readonly subject: string
  readonly item_id: string | null
  readonly label: string | null
  readonly action: string
  readonly lines: readonly { readonly sign: string; readonly text: string }[]
  readonly fields: readonly object[]
}

interface Proposal {
  readonly id: string
  readonly state: string
  readonly obstacle: string | null
  readonly changes: readonly Change[]
}

/** An agent whose edits wait for a person. */
async function createReviewed(wire: Wire, value: string) {
  const tools = [
    'memory_replace',
    'archival_memory_insert',
    'memory',
    'remember_fact',
    'standing_instructions',
  ]
  const { id } = await wire.client.agents.create({
    tools,
    include_base_tools: false,
    memory_blocks: [{ label: 'human', value }],
  })
  const root = `/v1/agents/${id}/memory`
  await wire.send('PUT', `${root}/mode`, { mode: 'review' })
  const list = async (): Promise<readonly Proposal[]> =>
    (await (await wire.fetch(`${root}/proposals`)).json()) as Proposal[]
  return {
    id,
    list,
    tell: () => wire.client.agents.messages.create(id, { input: 'Keep it.' }),
    read: async (proposal: string | undefined): Promise<Proposal> =>
      (await (await wire.fetch(`${root}/proposals/${proposal}`)).json()) as Proposal,
    history: async (): Promise<unknown> => await (await wire.fetch(`${root}/history`)).json(),
    status: async (path: string): Promise<number> => (await wire.fetch(`${root}/${path}`)).status,
    post: async (path: string): Promise<number> =>
      (await wire.send('POST', `${root}/${path}`, {})).status,
    write: (text: string) =>
      wire.client.agents.blocks.update('human', { agent_id: id, value: text }),
  }
}

function call(name: string, given: Readonly<Record<string, string>>) {
  return { toolCalls: [{ name, arguments: given }] }
}

/** The lines of a change as a diff shows them. */
function shown({ lines }: Pick<Change, 'lines'> = { lines: [] }): readonly string[] {
  return lines.map(({ sign, text }) => `${sign} ${text}`)
}

describeWire('a proposed edit', (open) => {
  test('is shown line by line against memory as it is now, and with what stands in its way [memory.review]', async () => {
    const long = 'z'.repeat(500)
    const replace = { label: 'human', old_string: 'tea', new_string: `mate\n${long}` }
    await using wire = await open({ script: [call('memory_replace', replace), { text: 'Done.' }] })
    const agent = await createReviewed(wire, 'Drinks tea\nPorto')
    await agent.tell()
    const [{ id } = { id: '' }] = await agent.list()
    await agent.write('Drinks tea\nPorto\nA dog')
    const open1 = await agent.read(id)
    expect(open1).toMatchObject({ id, state: 'open', obstacle: null })
    expect(open1.changes).toMatchObject([{ subject: 'block', label: 'human', action: 'edit' }])
    const whole = ['- Drinks tea', '+ Drinks mate', `+ ${long}`, '  Porto']
    expect(shown(open1.changes[0])).toEqual([...whole, '  A dog'])
    await agent.write('Drinks water\nPorto')
    const blocked = await agent.read(id)
    expect(blocked.obstacle).toBe(
      `Cannot apply ${id}: the same place was changed since. Reject it, or make the change yourself.`,
    )
    expect(shown(blocked.changes[0])).toEqual(whole)
    expect(await agent.post(`proposals/${id}/apply`)).toBe(409)
    await agent.post(`proposals/${id}/reject`)
    const settled = await agent.read(id)
    expect(settled).toMatchObject({ state: 'rejected', obstacle: null })
    expect(shown(settled.changes[0])).toEqual(whole)
    expect(await agent.status('proposals/m-999')).toBe(404)
    expect(await agent.status('proposals/nonsense')).toBe(422)
  })

  test('of facts, texts, labels and new blocks is shown too, and stores nothing [memory.review]', async () => {
    const pets = { path: '/memories/pets', description: 'Pets', file_text: 'Bo\nRex' }
    const rename = { old_path: '/memories/human', new_path: '/memories/person' }
    await using wire = await open({
      script: [
        call('remember_fact', { subject: 'user', attribute: 'city', value: 'Porto' }),
        call('archival_memory_insert', { content: 'Herons\nfish.' }),
        call('memory', { command: 'create', ...pets }),
        call('memory', { command: 'rename', ...rename }),
        call('memory', { command: 'delete', path: '/memories/human' }),
        { text: 'Done.' },
      ],
    })
    const agent = await createReviewed(wire, 'Tea')
    await agent.tell()
    const ids = (await agent.list()).map((each) => each.id).toReversed()
    const all = await Promise.all(ids.map(agent.read))
    const [fact, text, added, renamed, removed] = all.map(({ changes }) => changes[0])
    expect(all.map(({ obstacle }) => obstacle)).toEqual([null, null, null, null, null])
    expect(fact).toMatchObject({ subject: 'fact', label: 'city', action: 'create', item_id: null })
    expect(shown(fact)).toEqual(['+ city = Porto'])
    expect(fact?.fields).toMatchObject([{ field: 'since', before: null }])
    expect(text).toMatchObject({ subject: 'passage', action: 'create', item_id: null })
    expect(shown(text)).toEqual(['+ Herons', '+ fish.'])
    expect(added).toMatchObject({ label: 'pets', action: 'create' })
    expect(shown(added)).toEqual(['+ Bo', '+ Rex'])
    expect(renamed?.fields).toEqual([{ field: 'label', before: 'human', after: 'person' }])
    expect(removed).toMatchObject({ label: 'human', action: 'detach' })
    expect(shown(removed)).toEqual(['- Tea'])
    expect(await agent.list()).toMatchObject(ids.toReversed().map((id) => ({ id, state: 'open' })))
    expect(await agent.history()).toMatchObject([{ text: 'Tea', version: 1 }])
    expect(await wire.client.agents.passages.list(agent.id)).toEqual([])
    for (const id of ids) await agent.post(`proposals/${id}/apply`)
    const later = await Promise.all(ids.map(agent.read))
    expect(later.map(({ state }) => state)).toContain('applied')
    expect(later.map(({ changes }) => shown(changes[0]))).toEqual(
      all.map(({ changes }) => shown(changes[0])),
    )
  })

  test('that would give a label twice is told to be in the way, as it is when it is applied [memory.review]', async () => {
    const pets = { path: '/memories/pets', description: 'Pets', file_text: 'Bo' }
    const rename = { old_path: '/memories/human', new_path: '/memories/pets' }
    await using wire = await open({
      script: [
        call('memory', { command: 'create', ...pets }),
        call('memory', { command: 'rename', ...rename }),
        { text: 'Done.' },
      ],
    })
    const agent = await createReviewed(wire, 'Tea')
    await agent.tell()
    const ids = (await agent.list()).map((each) => each.id)
    const obstacles = async () =>
      (await Promise.all(ids.map(agent.read))).map((each) => each.obstacle)
    expect(await obstacles()).toEqual([null, null])
    const { id: blockId } = await wire.client.blocks.create({ label: 'pets', value: 'Rex' })
    await wire.client.agents.blocks.attach(blockId, { agent_id: agent.id })
    for (const id of ids) expect(await agent.post(`proposals/${id}/apply`)).toBe(409)
    expect(await obstacles()).toEqual(
      ids.map(
        (id) =>
          `Cannot apply ${id}: another block has the label "pets". Reject it, or make the change yourself.`,
      ),
    )
  })

  test('that a limit or a fact that is gone stands in the way of says so [memory.review]', async () => {
    const replace = { label: 'human', old_string: 'tea', new_string: 'tea and mate' }
    const stop = { command: 'remove', instruction: 'Whisper' }
    await using wire = await open({
      script: [
        call('memory_replace', replace),
        call('standing_instructions', stop),
        { text: 'Done.' },
      ],
    })
    const agent = await createReviewed(wire, 'Drinks tea')
    const path = `/v1/agents/${agent.id}/instructions`
    await wire.send('POST', path, { text: 'Whisper' })
    const [{ id: instruction } = { id: '' }] = (await (await wire.fetch(path)).json()) as Proposal[]
    await agent.tell()
    const ids = (await agent.list()).map((each) => each.id)
    expect(ids).toHaveLength(2)
    await wire.client.agents.blocks.update('human', { agent_id: agent.id, limit: 12 })
    await wire.fetch(`${path}/${instruction}`, { method: 'DELETE' })
    const obstacles = (await Promise.all(ids.map(agent.read))).map((each) => each.obstacle)
    expect(obstacles).toEqual([
      expect.stringMatching(/^Cannot .*fact-.*/),
      expect.stringContaining('its limit is 12'),
    ])
    for (const id of ids) expect(await agent.post(`proposals/${id}/apply`)).toBeGreaterThan(399)
  })

  test('of a cleanup is shown with the texts that would go, also when it cannot be made any more [memory.review]', async () => {
    await using wire = await open()
    const agent = await createReviewed(wire, '')
    for (const text of ['The boat is Mia.', 'the boat is mia']) {
      await wire.client.agents.passages.create(agent.id, { text })
    }
    await wire.send('POST', `/v1/agents/${agent.id}/memory/consolidate`, {})
    const [{ id } = { id: '' }] = await agent.list()
    const gone = [{ subject: 'passage', action: 'delete', lines: [{ sign: '-' }] }]
    expect(await agent.read(id)).toMatchObject({ obstacle: null, changes: gone })
    for (const { id: passage } of await wire.client.agents.passages.list(agent.id)) {
      await wire.client.agents.passages.delete(passage ?? '', { agent_id: agent.id })
    }
    const stale = await agent.read(id)
    expect(stale.obstacle).toMatch(/^Cannot tidy memory: nothing would say .* any more\./)
    expect(shown(stale.changes[0])).toEqual(['- the boat is mia'])
  })
})

import { expect, test } from 'vitest'
import type { ScriptedStep } from '../../src/testing/scripted-model.ts'
import { describeWire, type Wire } from './open-wire.ts'

interface Change {
  readonly id: string
  readonly kind: string
  readonly text: string
  readonly action: string
  readonly version: number
  readonly undoes: string | null
  readonly source_message_ids: readonly string[]
  readonly run_id: string | null
}

/** A step in which the model edits the block human. */
function edit(old: string, text: string): ScriptedStep {
  const given = { label: 'human', old_string: old, new_string: text }
  return { toolCalls: [{ name: 'memory_replace', arguments: given }] }
}

/** An agent with one block `human`. */
async function createAgent({ client }: Wire, value: string): Promise<string> {
  const { id } = await client.agents.create({
    tools: ['memory_replace', 'archival_memory_insert', 'memory'],
    include_base_tools: false,
    memory_blocks: [{ label: 'human', value }],
  })
  return id
}

/** The memory routes of an agent. */
function memoryOf(wire: Wire, agentId: string) {
  const root = `/v1/agents/${agentId}/memory`
  const read = async <Result>(path: string): Promise<Result> =>
    (await (await wire.fetch(`${root}/${path}`)).json()) as Result
  const post = async (path: string, body: object): Promise<{ status: number; body: Change[] }> => {
    const response = await wire.send('POST', `${root}/${path}`, body)
    return { status: response.status, body: (await response.json()) as Change[] }
  }
  return {
    read,
    post,
    history: (query = ''): Promise<readonly Change[]> => read(`history${query}`),
    value: async (): Promise<string> =>
      (await wire.client.agents.blocks.retrieve('human', { agent_id: agentId })).value,
    put: (path: string, body: object): Promise<Response> =>
      wire.send('PUT', `${root}/${path}`, body),
    remove: (path: string): Promise<Response> => wire.send('DELETE', `${root}/${path}`, {}),
  }
}

describeWire('the history of memory', (open) => {
  test('tells what a turn remembered, changed and forgot, and why, and undoes it below later edits [memory.history, memory.undo]', async () => {
    await using wire = await open({
      script: [
        edit('tea', 'mate'),
        edit('\nPorto', '\nPorto\nA dog'),
        {
          toolCalls: [
            { name: 'archival_memory_insert', arguments: { content: 'Base images = Alpine' } },
          ],
        },
        { text: 'Noted.' },
      ],
    })
    const agentId = await createAgent(wire, 'Drinks tea\nPorto')
    const memory = memoryOf(wire, agentId)
    await wire.client.agents.messages.create(agentId, { input: 'Now it is mate; I have a dog.' })
    const runs = await wire.client.runs.list({ agent_id: agentId })
    const runId = runs.items[0]?.id ?? ''
    const notes = await memory.history(`?run_id=${runId}`)
    expect(notes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'remembered: Base images = Alpine',
      'remembered: A dog',
      'changed: Drinks tea → Drinks mate',
    ])
    const [passage, dog, mate] = notes
    expect(mate?.source_message_ids).not.toHaveLength(0)
    const diff = await memory.read<{ lines: readonly object[] }>(`diff?change=${mate?.id}`)
    expect(diff.lines).toEqual([
      { sign: '-', text: 'Drinks tea' },
      { sign: '+', text: 'Drinks mate' },
      { sign: ' ', text: 'Porto' },
    ])
    const blame =
      await memory.read<{ line: string; change: Change; quotes: { text: string }[] }[]>(
        'blame?block=human',
      )
    expect(blame.map(({ line, change }) => [line, change.id])).toEqual([
      ['Drinks mate', mate?.id],
      ['Porto', expect.stringMatching(/^m-\d+$/)],
      ['A dog', dog?.id],
    ])
    expect(blame[2]?.quotes[0]?.text).toBe('Now it is mate; I have a dog.')
    const undone = await memory.post('undo', { change: mate?.id })
    expect(undone.body).toMatchObject([{ undoes: mate?.id, kind: 'changed' }])
    expect(await memory.value()).toBe('Drinks tea\nPorto\nA dog')
    await memory.post('undo', { change: undone.body[0]?.id })
    expect(await memory.value()).toBe('Drinks mate\nPorto\nA dog')
    await memory.post('undo', { change: passage?.id })
    expect(await wire.client.agents.passages.list(agentId)).toEqual([])
    const [removal] = await memory.history()
    expect(removal).toMatchObject({ kind: 'forgotten', text: 'Base images = Alpine' })
    await memory.post('undo', { change: removal?.id })
    expect(await wire.client.agents.passages.list(agentId)).toMatchObject([
      { text: 'Base images = Alpine' },
    ])
  })

  test('stars an answer with what was recalled and searched for it, and takes the star away [memory.stars]', async () => {
    const search: ScriptedStep = {
      toolCalls: [{ name: 'archival_memory_search', arguments: { query: 'heron' } }],
    }
    await using wire = await open({
      script: [{ text: 'Noted.' }, search, { text: 'The heron nests by the weir.' }],
    })
    const { id } = await wire.client.agents.create({ tools: ['archival_memory_search'] })
    const texts = ['The heron nests by the weir.', 'A heron eats fish.']
    const passages = []
    for (const text of texts) {
      passages.push(...(await wire.client.agents.passages.create(id, { text })))
    }
    const memory = memoryOf(wire, id)
    await wire.client.agents.messages.create(id, { input: 'Hello.' })
    const hello = (await wire.client.runs.list({ agent_id: id })).items[0]?.id
    expect(await memory.post('stars', { run_id: hello })).toMatchObject({ status: 409 })
    await wire.client.agents.messages.create(id, { input: 'Where does it nest?' })
    const run = (await wire.client.runs.list({ agent_id: id })).items[0]
    const starred = await memory.post('stars', { run_id: run?.id })
    expect(starred).toMatchObject({
      status: 200,
      body: {
        run_id: run?.id,
        question: 'Where does it nest?',
        answer: 'The heron nests by the weir.',
        source_ids: [passages[0]?.id],
      },
    })
    expect(await memory.read('stars')).toEqual([starred.body])
    const own = (starred.body as unknown as { own_message_ids: string[] }).own_message_ids
    expect(await memory.post('stars', { message_id: own[0] })).toMatchObject({
      body: { run_id: run?.id },
    })
    expect(await memory.read('stars')).toHaveLength(1)
    const other = memoryOf(wire, await createAgent(wire, ''))
    expect(await other.post('stars', { run_id: run?.id })).toMatchObject({ status: 404 })
    const path = `stars/${run?.id}`
    expect((await other.remove(path)).status).toBe(404)
    expect((await memory.remove(path)).status).toBe(200)
    expect((await memory.remove(path)).status).toBe(404)
    expect(await memory.read('stars')).toEqual([])
    expect((await wire.client.runs.retrieve(run?.id ?? '')).metadata).not.toHaveProperty('starred')
  })

  test('refuses to undo what a later change touched, and names it [memory.undo]', async () => {
    await using wire = await open({})
    const agentId = await createAgent(wire, 'tea')
    const memory = memoryOf(wire, agentId)
    const write = (value: string): Promise<unknown> =>
      wire.client.agents.blocks.update('human', { agent_id: agentId, value })
    await write('mate')
    await write('rum')
    const [last, first] = await memory.history()
    const refused = await memory.post('undo', { change: first?.id })
    expect(refused.status).toBe(409)
    expect(JSON.stringify(refused.body)).toContain(
      `Cannot undo ${first?.id}: later changes are in the way (${last?.id}).`,
    )
    expect(await memory.value()).toBe('rum')
    expect((await memory.post('undo', { change: 'm-999' })).status).toBe(404)
    expect((await memory.post('undo', { change: 'twelve' })).status).toBe(422)
  })

  test('undoes nothing that would make a block longer than its limit is now [memory.undo]', async () => {
    await using wire = await open({})
    const agentId = await createAgent(wire, 'tea')
    const memory = memoryOf(wire, agentId)
    const write = (set: { value?: string; limit?: number }): Promise<unknown> =>
      wire.client.agents.blocks.update('human', { agent_id: agentId, ...set })
    await write({ value: '🦊'.repeat(60) })
    await write({ value: 'rum' })
    await write({ limit: 50 })
    const [limited, shortened] = await memory.history()
    const refused = await memory.post('undo', { change: shortened?.id })
    expect(refused.status).toBe(422)
    expect(JSON.stringify(refused.body)).toContain('has 60 characters and its limit is 50')
    expect(await memory.value()).toBe('rum')
    expect((await memory.post('undo', { change: limited?.id })).status).toBe(200)
    expect((await memory.post('undo', { change: shortened?.id })).status).toBe(200)
    expect(await memory.value()).toBe('🦊'.repeat(60))
  })

  test('brings a deleted block back whole, to all agents that had it and in its place, and undoes an edit of its metadata [memory.undo]', async () => {
    await using wire = await open({})
    const { client } = wire
    const labels = async (agentId: string): Promise<readonly string[]> =>
      (await client.agents.retrieve(agentId)).blocks.map(({ label }) => label ?? '')
    const { id: agentId } = await client.agents.create({
      memory_blocks: ['a', 'team', 'z'].map((label) => ({ label, value: label })),
    })
    const { id: otherId } = await client.agents.create({
      memory_blocks: [{ label: 'b', value: '' }],
    })
    const { id } = await client.agents.blocks.retrieve('team', { agent_id: agentId })
    await client.agents.blocks.attach(id, { agent_id: otherId })
    const memory = memoryOf(wire, agentId)
    const block = await client.blocks.update(id, {
      metadata: { owner: 'Ops' },
      tags: ['shared'],
      hidden: true,
      read_only: true,
      description: 'About the team',
      limit: 777,
    })
    await client.blocks.delete(id)
    const [removal] = await memory.history()
    expect((await memory.post('undo', { change: removal?.id })).status).toBe(200)
    expect(await client.blocks.retrieve(id)).toEqual(block)
    expect([await labels(agentId), await labels(otherId)]).toEqual([
      ['a', 'team', 'z'],
      ['b', 'team'],
    ])
    await client.blocks.update(id, { metadata: { owner: 'Sales' }, tags: [] })
    const [edit] = await memory.history()
    await memory.post('undo', { change: edit?.id })
    expect(await client.blocks.retrieve(id)).toEqual(block)
  })

  test('shows and restores memory as it was at a time, also a block that was deleted [memory.restore]', async () => {
    await using wire = await open({})
    const agentId = await createAgent(wire, 'tea')
    const memory = memoryOf(wire, agentId)
    const { clock } = wire.test
    const then = new Date(clock.now()).toISOString()
    await clock.advance(60_000)
    await wire.client.agents.blocks.update('human', { agent_id: agentId, value: 'mate' })
    const block = await wire.client.agents.blocks.retrieve('human', { agent_id: agentId })
    const past = [{ label: 'human', value: 'tea', version: 1 }]
    expect(await memory.read(`at?time=${then}`)).toMatchObject(past)
    const restored = await memory.post('restore', { item: 'human', at: then })
    expect(restored.body).toMatchObject([{ action: 'edit', version: 3 }])
    expect(await memory.value()).toBe('tea')
    expect((await memory.post('restore', { item: 'human', version: 3 })).body).toEqual([])
    await memory.post('restore', { item: 'human', version: 2 })
    await clock.advance(60_000)
    await wire.client.blocks.delete(block.id)
    expect(await memory.read(`at?time=${then}`)).toMatchObject(past)
    const [removal] = await memory.history()
    expect(removal).toMatchObject({ action: 'delete', text: 'mate' })
    await memory.post('undo', { change: removal?.id })
    expect(await memory.value()).toBe('mate')
    expect((await memory.history()).map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1])
    expect((await memory.post('restore', { item: 'human', at: '2001-01-01' })).status).toBe(404)
    expect((await memory.post('restore', { item: 'humus', version: 1 })).status).toBe(404)
    expect((await memory.remove(`history/${block.id}`)).status).toBe(200)
    expect(await memory.history()).toEqual([])
    expect(await memory.value()).toBe('mate')
  })

  test('in review mode edits wait for a person, who applies them to memory as it is then, or rejects them [memory.review]', async () => {
    const create = {
      command: 'create',
      path: '/memories/pets',
      description: 'Pets',
      file_text: 'Bo',
    }
    await using wire = await open({
      script: [
        edit('tea', 'mate'),
        { toolCalls: [{ name: 'memory', arguments: create }] },
        { toolCalls: [{ name: 'archival_memory_insert', arguments: { content: 'herons' } }] },
        edit('Porto', 'Lisbon'),
        { text: 'Done.' },
      ],
    })
    const agentId = await createAgent(wire, 'Drinks tea\nPorto')
    const memory = memoryOf(wire, agentId)
    expect(await (await memory.put('mode', { mode: 'review' })).json()).toEqual({ mode: 'review' })
    const { messages } = await wire.client.agents.messages.create(agentId, { input: 'Keep it.' })
    expect(JSON.stringify(messages)).toContain('Your edit is proposed, not made')
    expect(await memory.value()).toBe('Drinks tea\nPorto')
    const open4 = await memory.read<{ id: string; notes: string[] }[]>('proposals?state=open')
    expect(open4.map(({ notes }) => notes)).toEqual([
      ['changed: Porto → Lisbon'],
      ['remembered: herons'],
      ['remembered: pets: Bo'],
      ['changed: Drinks tea → Drinks mate'],
    ])
    const [lisbon, herons, pets, mate] = open4
    const value = 'Drinks tea\nPorto\nA dog'
    await wire.client.agents.blocks.update('human', { agent_id: agentId, value })
    const applied = await memory.post(`proposals/${mate?.id}/apply`, {})
    expect(applied.body).toMatchObject([{ text: 'Drinks tea → Drinks mate' }])
    expect(applied.body[0]?.source_message_ids).not.toHaveLength(0)
    expect(await memory.value()).toBe('Drinks mate\nPorto\nA dog')
    expect((await memory.post(`proposals/${mate?.id}/apply`, {})).status).toBe(409)
    await memory.post(`proposals/${pets?.id}/apply`, {})
    await memory.post(`proposals/${herons?.id}/apply`, {})
    const labels = (await wire.client.agents.retrieve(agentId)).blocks.map(({ label }) => label)
    expect(labels).toEqual(['human', 'pets'])
    expect(await wire.client.agents.passages.list(agentId)).toMatchObject([{ text: 'herons' }])
    const moved = 'Drinks mate\nFaro\nA dog'
    await wire.client.agents.blocks.update('human', { agent_id: agentId, value: moved })
    expect((await memory.post(`proposals/${lisbon?.id}/apply`, {})).status).toBe(409)
    expect((await memory.post(`proposals/${lisbon?.id}/reject`, {})).body).toMatchObject({
      state: 'rejected',
    })
    expect(await memory.read('proposals?state=open')).toEqual([])
    expect(await memory.value()).toBe(moved)
  })

  test('is tidied without loss, each change to be undone, or proposed where edits are reviewed [memory.consolidate]', async () => {
    await using wire = await open()
    const agentId = await createAgent(wire, 'Lives near Bern now.\nlives near bern now')
    const keep = async (text: string): Promise<void> => {
      await wire.client.agents.passages.create(agentId, { text })
    }
    for (const text of ['The boat is Mia.', 'the boat is mia']) await keep(text)
    const { read, post, put, value } = memoryOf(wire, agentId)
    const consolidate = async (body = {}): Promise<Record<string, unknown[]>> =>
      (await post('consolidate', body)).body as unknown as Record<string, unknown[]>
    const preview = await consolidate({ dry_run: true })
    expect(preview).toMatchObject({
      found: [{ reason: 'tidy block' }, { reason: 'merge passages' }],
    })
    expect(await value()).toContain('lives near bern now')
    await put('mode', { mode: 'review' })
    const { proposals = [], changes } = await consolidate()
    expect(changes).toEqual([])
    const [tidy, merge] = proposals as { id: string; notes: string[] }[]
    expect(merge?.notes).toEqual(['merged: the boat is mia is in The boat is Mia.'])
    expect(await consolidate()).toMatchObject({ proposals: [], skipped: 2 })
    await post(`proposals/${tidy?.id}/apply`, {})
    expect(await value()).toBe('Lives near Bern now.')
    await wire.client.agents.passages.list(agentId).then(async ([first]) => {
      await wire.client.agents.passages.delete(first?.id ?? '', { agent_id: agentId })
    })
    expect((await post(`proposals/${merge?.id}/apply`, {})).status).toBe(409)
    expect(await wire.client.agents.passages.list(agentId)).toHaveLength(1)
    await put('mode', { mode: 'auto' })
    await keep('THE BOAT IS MIA')
    const done = await consolidate()
    expect(done['changes']).toMatchObject([
      { kind: 'forgotten', actor: { kind: 'system', id: 'sleep-time' }, reason: 'merge passages' },
    ])
    expect(await (await put('consolidation', { every_turns: 5 })).json()).toEqual({
      every_turns: 5,
      after_idle_minutes: null,
      tokens_per_day: null,
      model: null,
    })
    expect((await put('consolidation', { tokens_per_day: 4999 })).status).toBe(422)
    expect((await put('consolidation', { model: 'nobody/nothing' })).status).toBe(404)
    await put('consolidation', { every_turns: 5, tokens_per_day: 5000 })
    expect(await consolidate({ with_model: false })).toMatchObject({
      model: { state: 'not-asked', used_today: 0, tokens_per_day: 5000 },
    })
    expect(await read('consolidation')).toMatchObject({ every_turns: 5 })
    expect((await put('consolidation', { every_turns: 0 })).status).toBe(422)
  })

  test('keeps what a tool told apart until it is approved or discarded [memory.quarantine]', async () => {
    await using wire = await open()
    const agentId = await createAgent(wire, '')
    const { read, post } = memoryOf(wire, agentId)
    const state = async (value: string, since: string): Promise<string> => {
      const fact = { attribute: 'city', value, since, origin: 'web' }
      const stated = await wire.send('POST', `/v1/agents/${agentId}/facts`, fact)
      const { current } = (await stated.json()) as { current: { id: string; value: string }[] }
      return current.find((each) => each.value === value)?.id ?? ''
    }
    const [porto, rome] = [await state('Porto', '2026-01-01'), await state('Rome', '2026-02-01')]
    expect(await read('quarantine')).toMatchObject([
      { id: rome, subject: 'fact', text: 'city = Rome', origin: 'web' },
      { id: porto, text: 'city = Porto' },
    ])
    expect((await post(`quarantine/${porto}/approve`, {})).body).toMatchObject([
      { text: 'city = Porto is trusted now', subject: 'fact' },
    ])
    expect((await post(`quarantine/${porto}/approve`, {})).status).toBe(404)
    const [gone] = (await post(`quarantine/${rome}/discard`, {})).body
    expect(await read('quarantine')).toEqual([])
    await post('undo', { change: gone?.id })
    expect(await read('quarantine')).toMatchObject([{ id: rome }])
    expect((await post('quarantine/passage-1/discard', {})).status).toBe(404)
  })

  test('tells what may be wrong in memory with a reason, and changes nothing [memory.lint]', async () => {
    await using wire = await open()
    const agentId = await createAgent(wire, 'Lives in Bern.\nlives in bern\nLeaves tomorrow.')
    const { read, value } = memoryOf(wire, agentId)
    const before = await value()
    expect(await read('lint')).toEqual({
      texts: 3,
      unread: 0,
      counts: { duplicate: 1, junk: 0, stale: 0, undated: 1, full: 0 },
      findings: [
        expect.objectContaining({
          flaw: 'duplicate',
          label: 'human',
          text: 'lives in bern',
          why: 'It says the same as “Lives in Bern.” in the block human.',
        }),
        expect.objectContaining({ flaw: 'undated', text: 'Leaves tomorrow.', other_id: null }),
      ],
    })
    expect(await value()).toBe(before)
    expect(
      (await wire.fetch('/v1/agents/agent-00000000-0000-4000-8000-000000000000/memory/lint'))
        .status,
    ).toBe(404)
  })
})

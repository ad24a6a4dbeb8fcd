import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { MemoryWrite, NewProposals, SeenMemory } from '../contract/memory-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { newFact, stateFacts } from './state-facts.ts'
import { toEntry, toTokens, type World } from './world.ts'

/** What engines do with the history of memory. */
export const memoryCases: readonly ConformanceCase[] = [
  {
    name: 'every change of a block is recorded, newest first, under numbers of the tenant',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ label: 'one', value: 'old' })
      const agent = await world.agent({}, [block])
      const loose = await world.block({ label: 'two' })
      await store.attachBlock(scope, { agentId: agent.id, blockId: loose.id, at: 7 })
      await store.detachBlock(scope, { agentId: agent.id, blockId: loose.id, at: 8 })
      const set = { value: 'new' }
      await store.updateBlock(scope, { id: block.id, at: 9, cause: world.cause, set })
      await store.updateBlock(scope, { id: block.id, at: 10, cause: world.cause, set })
      await store.deleteBlock(scope, { id: block.id, at: 11 })
      const changes = await history(world, agent)
      expect(changes.map(({ number, action }) => [number, action])).toEqual([
        [6, 'delete'],
        [5, 'edit'],
        [4, 'detach'],
        [3, 'attach'],
        [2, 'create'],
        [1, 'create'],
      ])
      expect(changes[0]).toMatchObject({
        itemId: block.id,
        version: 3,
        afterHash: null,
        createdAt: 11,
      })
      expect(changes[3]).toMatchObject({ itemId: loose.id, label: 'two', agentId: agent.id })
      const edit = { id: loose.id, at: 12, cause: world.cause, set: { value: 'not for the first' } }
      await store.updateBlock(scope, edit)
      expect(await history(world, agent)).toEqual(changes)
      const other = await world.agent({}, [])
      await store.attachBlock(scope, { agentId: other.id, blockId: loose.id, at: 12 })
      expect(await history(world, other)).toMatchObject([
        { number: 8, action: 'attach' },
        { number: 7, action: 'edit' },
        { number: 4, action: 'detach' },
        { number: 3, action: 'attach' },
        { number: 2, action: 'create', ...world.cause, beforeHash: null, runId: null },
      ])
    },
  },
  {
    name: 'changes of a tool name their run, and hashes join one change to the next',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'old' })
      const agent = await world.agent({}, [block])
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['edit'] })
      await store.commitStep(scope, step)
      const commit = world.toolCommit(step, 0, {
        blockEdits: [{ blockId: block.id, expectedVersion: 1, value: 'new' }],
        passages: [world.newPassage('herons')],
        archive: world.newArchive(),
      })
      await store.commitTool(scope, commit)
      const [stored, edited, created] = await history(world, agent)
      const from = { runId: work.run.id, agentId: agent.id, createdAt: commit.at }
      expect(stored).toMatchObject({ subject: 'passage', action: 'create', version: 1, ...from })
      expect(edited).toMatchObject({ subject: 'block', action: 'edit', version: 2, ...from })
      expect(edited?.beforeHash).toBe(created?.afterHash)
      expect(edited?.afterHash).toMatch(/^[0-9a-f]{64}$/)
      const query = { agentId: agent.id, limit: 9 }
      const list = (given: object): Promise<readonly MemoryChange[]> =>
        store.listMemoryChanges(scope, { ...query, ...given })
      expect(await list({ runId: work.run.id })).toEqual([stored, edited])
      expect(await list({ itemId: block.id })).toEqual([edited, created])
      expect(await list({ number: edited?.number })).toEqual([edited])
      expect(await list({ before: edited?.number, limit: 1 })).toEqual([created])
      expect(await list({ since: created?.createdAt })).toEqual([stored, edited])
      await expectRefused(list({ agentId: world.id('agent') }), 'not_found')
    },
  },
  {
    name: 'changeMemory() edits, deletes and brings back passages, index included, and keeps what they were',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [one, two] = await world.remember(agent, 'herons fish', 'owls sleep')
      if (one === undefined || two === undefined) throw new Error('nothing was stored')
      await change(world, agent, {
        passageEdits: [edit(one.id, 1, 'herons nest')],
        deletedPassages: [{ passageId: two.id, expectedVersion: 1 }],
      })
      expect(await found(world, one.archiveId, 'fish')).toEqual([])
      expect(await found(world, one.archiveId, 'nest')).toEqual([one.id])
      expect(await found(world, one.archiveId, 'owls')).toEqual([])
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(1)
      const versions = [
        { subject: 'passage', itemId: one.id, version: 1 },
        { subject: 'passage', itemId: one.id, version: 2 },
        { subject: 'passage', itemId: two.id, version: 1 },
        { subject: 'passage', itemId: two.id, version: 2 },
      ] as const
      const states = await store.getMemoryStates(scope, { agentId: agent.id, versions })
      expect(states).toMatchObject([
        { version: 1, passage: one },
        { version: 2, passage: { id: one.id, text: 'herons nest', tags: ['new'] } },
        { version: 1, passage: two },
        null,
      ])
      const back = [{ passage: two, entry: toEntry(toTokens(two.text)) }]
      const [restored] = await change(world, agent, { passages: back, undoes: 3 })
      expect(restored).toMatchObject({ action: 'create', version: 3, undoes: 3 })
      expect(await store.getPassages(scope, { ids: [two.id] })).toEqual([two])
      expect(await found(world, one.archiveId, 'owls')).toEqual([two.id])
      const late = change(world, agent, { passageEdits: [edit(one.id, 1, 'late')] })
      await expectRefused(late, 'conflict')
      const gone = change(world, agent, {
        passageEdits: [edit(one.id, 2, 'never')],
        deletedPassages: [{ passageId: world.id('passage'), expectedVersion: 1 }],
      })
      await expectRefused(gone, 'not_found')
      expect(await found(world, one.archiveId, 'never')).toEqual([])
      const sources = { ...edit(one.id, 2, 'herons nest'), sourceMessageIds: ['message-7'] }
      await change(world, agent, { passageEdits: [sources] })
      expect(await store.getPassages(scope, { ids: [one.id] })).toMatchObject([
        { sourceMessageIds: ['message-7'] },
      ])
    },
  },
  {
    name: 'changeMemory() brings back a deleted block under its identifier, and attaches a detached one',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [world.newBlock({ label: 'one' }), world.newBlock({ label: 'two' })]
      const agent = await world.agent({}, [one, two])
      await store.deleteBlock(scope, { id: one.id, at: 7 })
      await store.detachBlock(scope, { agentId: agent.id, blockId: two.id, at: 8 })
      const write = { restoredBlocks: [{ ...one, version: 3 }], attachedBlockIds: [two.id] }
      expect(await change(world, agent, write)).toMatchObject([
        { action: 'create', itemId: one.id, version: 3 },
        { action: 'attach', itemId: two.id },
      ])
      const blocks = await store.listAgentBlocks(scope, { agentId: agent.id })
      expect(blocks).toEqual([{ ...one, version: 3 }, two])
      const [state] = await store.getMemoryStates(scope, {
        agentId: agent.id,
        versions: [{ subject: 'block', itemId: one.id, version: 1 }],
      })
      expect(state).toMatchObject({ block: { label: 'one', value: one.value } })
      await expectRefused(
        change(world, agent, { attachedBlockIds: [world.id('block')] }),
        'not_found',
      )
    },
  },
  {
    name: 'changeMemory() gives a deleted block back to all who had it, in its place, with all of its fields',
    async run(world) {
      const { store, scope } = world
      const shared = world.newBlock({ label: 'b' })
      const { id } = shared
      const [first, last] = [world.newBlock({ label: 'a' }), world.newBlock({ label: 'c' })]
      const agent = await world.agent({}, [first, shared, last])
      const other = await world.agent({}, [world.newBlock({ label: 'x' })])
      const gone = await world.agent()
      for (const { id: agentId } of [other, gone]) {
        await store.attachBlock(scope, { agentId, blockId: id, at: 5 })
      }
      const set = { metadata: { b: [2] }, tags: ['z'], hidden: true, extra: { project_id: 'q' } }
      const edited = await store.updateBlock(scope, { id, set, cause: world.cause, at: 6 })
      await store.deleteBlock(scope, { id, at: 7 })
      await store.deleteAgent(scope, { id: gone.id })
      const late = world.newBlock({ label: 'late' })
      await store.createBlock(scope, { block: late, cause: world.cause })
      await store.attachBlock(scope, { agentId: other.id, blockId: late.id, at: 8 })
      const [state] = await store.getMemoryStates(scope, {
        agentId: agent.id,
        versions: [{ subject: 'block', itemId: id, version: 2 }],
      })
      expect(state).toMatchObject({ block: set })
      const write = { restoredBlocks: [{ ...edited, version: 4 }] }
      expect(await change(world, agent, write)).toMatchObject([
        { action: 'create', agentId: agent.id, version: 4 },
        { action: 'attach', agentId: other.id, version: 4 },
      ])
      const labels = async (agentId: string): Promise<readonly string[]> =>
        (await store.listAgentBlocks(scope, { agentId })).map(({ label }) => label)
      expect(await labels(agent.id)).toEqual(['a', 'b', 'c'])
      expect(await labels(other.id)).toEqual(['x', 'b', 'late'])
      expect(await store.getBlock(scope, { id })).toEqual({ ...edited, version: 4 })
      await store.detachBlock(scope, { agentId: agent.id, blockId: id, at: 9 })
      expect(await change(world, agent, { attachedBlockIds: [id] })).toHaveLength(1)
      expect(await labels(agent.id)).toEqual(['a', 'b', 'c'])
    },
  },
  {
    name: 'commitTool() keeps all fields of a block with its new version',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ hidden: true, metadata: { a: '"' }, tags: [], extra: {} })
      const agent = await world.agent({}, [block])
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['note'] })
      await store.commitStep(scope, step)
      const edit = { blockId: block.id, expectedVersion: 1, value: 'new' }
      await store.commitTool(scope, world.toolCommit(step, 0, { blockEdits: [edit] }))
      const [state] = await store.getMemoryStates(scope, {
        agentId: agent.id,
        versions: [{ subject: 'block', itemId: block.id, version: 2 }],
      })
      const { metadata, tags, hidden, extra } = block
      expect(state).toMatchObject({ block: { value: 'new', metadata, tags, hidden, extra } })
    },
  },
  {
    name: 'changeMemory() brings no block back where one of its label has come, and then to nobody',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ label: 'one' })
      const agent = await world.agent({}, [block])
      const other = await world.agent()
      await store.attachBlock(scope, { agentId: other.id, blockId: block.id, at: 5 })
      await store.deleteBlock(scope, { id: block.id, at: 7 })
      const taken = world.newBlock({ label: 'one' })
      await store.createBlock(scope, { block: taken, cause: world.cause })
      await store.attachBlock(scope, { agentId: other.id, blockId: taken.id, at: 8 })
      const write = { restoredBlocks: [{ ...block, version: 3 }] }
      await expectRefused(change(world, agent, write), 'conflict')
      expect(await store.listAgentBlocks(scope, { agentId: agent.id })).toEqual([])
    },
  },
  {
    name: 'a proposal of a tool changes nothing until it is applied, and is settled once',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'old' })
      const agent = await world.agent({ memoryMode: 'review' }, [block])
      const [first, second] = [await world.propose(agent, { a: 1 }), await world.propose(agent, {})]
      expect(await history(world, agent)).toHaveLength(1)
      const query = { agentId: agent.id, limit: 9 }
      expect(await store.listProposals(scope, { ...query, state: 'open' })).toMatchObject([
        { number: second, edit: {}, settledAt: null },
        { number: first, edit: { a: 1 }, runId: expect.stringMatching(/^run-/) },
      ])
      const { runId } = (await store.listProposals(scope, { ...query, number: first }))[0] ?? {}
      expect(await store.listProposals(scope, { ...query, runId: runId ?? '' })).toMatchObject([
        { number: first },
      ])
      const edits = [{ blockId: block.id, expectedVersion: 1, value: 'new' }]
      const [applied] = await change(world, agent, { blockEdits: edits, applies: first })
      expect(applied).toMatchObject({ action: 'edit', version: 2 })
      const rejection = { agentId: agent.id, number: second, at: 9 }
      expect(await store.rejectProposal(scope, rejection)).toMatchObject({
        state: 'rejected',
        settledAt: 9,
        settledById: scope.userId,
      })
      await expectRefused(store.rejectProposal(scope, rejection), 'conflict')
      const again = [{ blockId: block.id, expectedVersion: 2, value: 'again' }]
      await expectRefused(change(world, agent, { blockEdits: again, applies: first }), 'conflict')
      const other = await world.agent()
      await expectRefused(
        store.rejectProposal(scope, { ...rejection, agentId: other.id }),
        'not_found',
      )
      expect(await store.listProposals(scope, { ...query, number: first })).toMatchObject([
        { state: 'applied' },
      ])
      expect((await store.getBlock(scope, { id: block.id })).value).toBe('new')
    },
  },
  {
    name: 'proposeMemory() stores edits that wait, under the numbers of the history',
    async run(world) {
      const { store, scope, cause } = world
      const agent = await world.agent({}, [world.newBlock()])
      const propose = (agentId: string, ...edits: { a: number }[]) =>
        store.proposeMemory(scope, { agentId, edits, cause, at: 9 })
      const proposals = await propose(agent.id, { a: 1 }, { a: 2 })
      const [first, second] = proposals
      expect(first).toMatchObject({ ...cause, edit: { a: 1 }, state: 'open', createdAt: 9 })
      expect(second?.number).toBe((first?.number ?? 0) + 1)
      expect(await propose(agent.id)).toEqual([])
      const [third] = await propose(agent.id, { a: 3 })
      expect(third?.number).toBe((second?.number ?? 0) + 1)
      expect(await store.listProposals(scope, { agentId: agent.id, limit: 9 })).toEqual([
        third,
        second,
        first,
      ])
      await expectRefused(propose(world.id('agent'), { a: 1 }), 'not_found')
    },
  },
  {
    name: 'changeMemory() and proposeMemory() do nothing where memory is not as it was seen',
    async run(world) {
      const { store, scope, cause } = world
      const block = world.newBlock({ label: 'one', value: 'old' })
      const agent = await world.agent({}, [block])
      const [passage] = await world.remember(agent, 'herons fish')
      const fact = newFact(world, agent)
      await stateFacts(world, agent, fact)
      const seen = {
        blocks: [{ blockId: block.id, expectedVersion: 1 }],
        passages: [{ passageId: passage?.id ?? '', text: 'herons fish' }],
        facts: [{ factId: fact.id, expectedVersion: 1 }],
      }
      const propose = (given: Partial<NewProposals>) =>
        store.proposeMemory(scope, { agentId: agent.id, edits: [{ a: 1 }], cause, at: 9, ...given })
      const [first] = await propose({ seen, newest: 0 })
      const others: SeenMemory[] = [
        { ...seen, blocks: [{ blockId: block.id, expectedVersion: 2 }] },
        { ...seen, passages: [{ passageId: passage?.id ?? '', text: 'herons nest' }] },
        { ...seen, passages: [{ passageId: world.id('passage'), text: 'herons fish' }] },
        { ...seen, facts: [{ factId: fact.id, expectedVersion: 2 }] },
        { ...seen, facts: [{ factId: world.id('fact'), expectedVersion: 1 }] },
      ]
      const [state = null] = await store.getMemoryStates(scope, {
        agentId: agent.id,
        versions: [{ subject: 'block', itemId: block.id, version: 1 }],
      })
      const past = { subject: 'block', itemId: block.id, version: 1, state } as const
      others.push({ ...seen, states: [past, { ...past, state: null }] })
      others.push({ ...seen, states: [{ ...past, itemId: world.id('block') }] })
      const blockEdits = [{ blockId: block.id, expectedVersion: 1, value: 'new' }]
      for (const other of others) {
        await expectRefused(propose({ seen: other }), 'conflict')
        await expectRefused(change(world, agent, { seen: other, blockEdits }), 'conflict')
      }
      await expectRefused(propose({ newest: 0 }), 'conflict')
      const query = { agentId: agent.id, limit: 9 }
      expect(await store.listProposals(scope, query)).toEqual([first])
      expect((await store.getBlock(scope, { id: block.id })).value).toBe('old')
      await propose({ newest: first?.number ?? 0 })
      await change(world, agent, { seen: { ...seen, states: [past] }, blockEdits })
      expect((await store.getBlock(scope, { id: block.id })).value).toBe('new')
    },
  },
  {
    name: 'forgetHistory() removes the past of an item and leaves what it is now',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'secret' })
      const agent = await world.agent({}, [block])
      const set = { value: 'fine' }
      await store.updateBlock(scope, { id: block.id, at: 9, cause: world.cause, set })
      await store.forgetHistory(scope, { agentId: agent.id, itemId: block.id })
      expect(await history(world, agent)).toEqual([])
      expect(await store.listBlockVersions(scope, { id: block.id, limit: 9 })).toMatchObject([
        { version: 2, value: 'fine' },
      ])
      const unknown = { agentId: agent.id, itemId: world.id('block') }
      await expectRefused(store.forgetHistory(scope, unknown), 'not_found')
      const [passage] = await world.remember(agent, 'owls')
      const id = passage?.id ?? ''
      await store.deletePassage(scope, { id, agentId: agent.id, at: 10 })
      await store.forgetHistory(scope, { agentId: agent.id, itemId: id })
      const versions = [{ subject: 'passage', itemId: id, version: 1 }] as const
      expect(await store.getMemoryStates(scope, { agentId: agent.id, versions })).toEqual([null])
    },
  },
]

async function history(world: World, agent: Agent): Promise<readonly MemoryChange[]> {
  return await world.store.listMemoryChanges(world.scope, { agentId: agent.id, limit: 99 })
}

async function change(
  world: World,
  agent: Agent,
  given: Partial<MemoryWrite>,
): Promise<readonly MemoryChange[]> {
  return await world.store.changeMemory(world.scope, world.memoryWrite(agent, given))
}

function edit(
  passageId: string,
  expectedVersion: number,
  text: string,
): MemoryWrite['passageEdits'][number] {
  return { passageId, expectedVersion, text, tags: ['new'], entry: toEntry(toTokens(text)) }
}

async function found(world: World, archiveId: string, term: string): Promise<readonly string[]> {
  const { documents } = await world.store.searchPassages(world.scope, {
    archiveId,
    terms: [term],
    tags: [],
    tagMatch: 'any',
    from: null,
    until: null,
    limit: 9,
  })
  return documents.map(({ id }) => id)
}

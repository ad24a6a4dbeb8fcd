import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { ForgetWrite, StoredTextRow } from '../contract/forget-store.ts'
import type { ScopeVersion } from '../contract/search-store.ts'
import { placeOf, textTableNames, type TextTableName } from '../stored-texts.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { forgetWrite, removalsOf } from './forget-samples.ts'
import { toEntry, type World } from './world.ts'

/** What engines do when something is forgotten. */
export const forgetCases: readonly ConformanceCase[] = [
  {
    name: 'findForgetOwners() walks from archives and blocks to agents and back',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock()
      const agent = await world.agent({}, [block])
      const [passage] = await world.remember(agent, 'heron')
      const archiveId = passage?.archiveId ?? ''
      const all = { agentIds: [agent.id], archiveIds: [archiveId], blockIds: [block.id] }
      const none = { agentIds: [], archiveIds: [], blockIds: [] }
      for (const named of [
        { agentIds: [agent.id] },
        { archiveIds: [archiveId] },
        { blockIds: [block.id] },
      ]) {
        expect(await store.findForgetOwners(scope, { ...none, ...named })).toEqual(all)
      }
      const missing = { ...none, archiveIds: [world.id('archive')] }
      await expectRefused(store.findForgetOwners(scope, missing), 'not_found')
      const other = await world.agent()
      const limited = world.limitedTo(other.id)
      await expectRefused(store.findForgetOwners(limited, all), 'not_found')
    },
  },
  {
    name: 'listStoredTexts() gives every row of every table with words once, page by page',
    async run(world) {
      const agent = await world.agent({}, [world.newBlock()])
      for (const text of ['one', 'two', 'three']) await world.exchange(agent, text)
      await world.remember(agent, 'heron', 'egret')
      const stranger = await world.agent({}, [world.newBlock()])
      await world.exchange(stranger, 'not of the agent')
      for (const table of textTableNames) {
        const whole = await readRows(world, agent, { table, limit: 100 })
        expect(await readRows(world, agent, { table, limit: 1 }), table).toEqual(whole)
        expect(JSON.stringify(whole)).not.toContain('not of the agent')
      }
      expect(await readRows(world, agent, { table: 'messages', limit: 9 })).toHaveLength(7)
      expect(await readRows(world, agent, { table: 'passages', limit: 9 })).toHaveLength(2)
    },
  },
  {
    name: 'applyForget() removes messages with turn, index and places, and stores receipt and job',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'heron stays')
      const { item } = await world.exchange(agent, 'egret goes', 'egret answer')
      const answer = item?.message
      const runId = answer?.runId ?? ''
      const { turnId } = await store.getRun(scope, { id: runId })
      const messages = await store.listMessages(scope, {
        agentId: agent.id,
        runId,
        limit: 9,
        order: 'asc',
      })
      const write = await prepare(world, agent, {
        removals: removalsOf({ messageIds: messages.map(({ id }) => id), turnIds: [turnId] }),
      })
      expect(await store.applyForget(scope, write)).toEqual(write.receipt)
      expect(await world.found(agent, 'egret')).toEqual([])
      expect(await world.found(agent, 'heron')).toHaveLength(1)
      await expectRefused(store.getRun(scope, { id: runId }), 'not_found')
      await expectRefused(store.getTurn(scope, { id: turnId }), 'not_found')
      const items = await store.listItems(scope, {
        conversationId: defaultConversationId(agent.id),
        fromPosition: 0,
        limit: 99,
      })
      expect(JSON.stringify(items)).not.toContain('egret')
      for (const table of textTableNames) {
        const rows = await readRows(world, agent, { table, limit: 99 })
        expect(JSON.stringify(rows), table).not.toContain('egret')
      }
      expect(await store.getForget(scope, { id: write.receipt.id })).toEqual(write.receipt)
      expect((await store.getJob(scope, { id: write.job?.id ?? '' })).kind).toBe('forget')
      expect(await store.countMessages(scope, { agentId: agent.id })).toBe(3)
    },
  },
  {
    name: 'acceptInput() refuses a message that comes again after its turn was forgotten',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'egret')
      const runId = item?.message.runId ?? ''
      const { turnId } = await store.getRun(scope, { id: runId })
      const query = { agentId: agent.id, runId, limit: 9, order: 'asc' } as const
      const messages = await store.listMessages(scope, query)
      const { otid = '' } = messages.find(({ role }) => role === 'user') ?? {}
      const again = world.input(agent, 'egret', { clientOtids: ['new', otid] })
      expect(await store.acceptInput(scope, again)).toMatchObject({ duplicate: true })
      const write = await prepare(world, agent, {
        removals: removalsOf({ messageIds: messages.map(({ id }) => id), turnIds: [turnId] }),
      })
      await store.applyForget(scope, write)
      await expectRefused(store.acceptInput(scope, again), 'gone')
      const conversationId = defaultConversationId(agent.id)
      expect(await store.findRunByOtid(scope, { conversationId, otid })).toBeNull()
      expect(await store.countMessages(scope, { agentId: agent.id })).toBe(1)
      await world.say(agent, 'egret', { clientOtids: ['new'] })
    },
  },
  {
    name: 'applyForget() rewrites rows that are as they were read, and nothing when one is not',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'question', 'the egret and the heron')
      const id = item?.message.id ?? ''
      const rows = await readRows(world, agent, { table: 'messages', limit: 9 })
      const before = String(rows.find((row) => row['id'] === id)?.['content'])
      const edit = {
        table: 'messages',
        key: [id],
        before: { content: before },
        after: { content: before.replace('egret', 'bird') },
      } as const
      const stale = await prepare(world, agent, { edits: [{ ...edit, before: { content: '[]' } }] })
      await expectRefused(store.applyForget(scope, stale), 'conflict')
      expect(await store.listForgets(scope, { limit: 9 })).toEqual([])
      const entry = toEntry(['the', 'bird', 'heron'])
      const all = { owner: { kind: 'messages', agentId: agent.id }, known: null } as const
      const rest = { completeUpTo: 99, limit: 99, tags: [], tagMatch: 'any' } as const
      const held = await store.readTexts(scope, { ...all, ...rest })
      const write = await prepare(world, agent, { edits: [edit], entries: [{ itemId: id, entry }] })
      await store.applyForget(scope, write)
      const [message] = await store.getMessages(scope, { ids: [id] })
      expect(message?.content).toEqual([{ type: 'text', text: 'the bird and the heron' }])
      const anew = await store.readTexts(scope, { ...all, ...rest, known: held.version })
      expect(anew).toMatchObject({ isContinued: false, documentCount: held.documentCount })
      expect(await world.found(agent, 'egret')).toEqual([])
      expect(await world.found(agent, 'bird')).toEqual([id])
      expect(await world.found(agent, 'heron')).toEqual([id])
    },
  },
  {
    name: 'readTexts() begins anew once anything of the texts was forgotten, by whatever way',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'heron', 'egret')
      const conversation = await world.conversation(agent)
      await world.say(agent, 'crane', { conversationId: conversation.id })
      const [passage] = await world.remember(agent, 'stork', 'ibis')
      const read = async (kind: 'messages' | 'passages', known: ScopeVersion | null) =>
        await store.readTexts(scope, {
          owner: { kind, agentId: agent.id },
          known,
          completeUpTo: 99,
          limit: 99,
          tags: [],
          tagMatch: 'any',
        })
      const ways = [
        ['messages', { messageIds: [item?.message.id ?? ''] }],
        ['messages', { conversationIds: [conversation.id] }],
        ['passages', { passageIds: [passage?.id ?? ''] }],
      ] as const
      for (const [kind, removals] of ways) {
        const { version } = await read(kind, null)
        expect((await read(kind, version)).texts).toEqual([])
        await store.applyForget(
          scope,
          await prepare(world, agent, { removals: removalsOf(removals) }),
        )
        const anew = await read(kind, version)
        expect(anew.isContinued).toBe(false)
        expect(anew.texts).toHaveLength(anew.documentCount)
      }
    },
  },
  {
    name: 'applyForget() is refused once something was said, and while a turn runs',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'heron')
      const late = await prepare(world, agent, {})
      await world.exchange(agent, 'egret')
      await expect(store.applyForget(scope, late)).rejects.toMatchObject({
        code: 'conflict',
        data: { reason: 'changed' },
      })
      const write = await prepare(world, agent, {})
      const lease = await world.claim(defaultConversationId(agent.id), 'somebody')
      await expect(store.applyForget(scope, write)).rejects.toMatchObject({
        code: 'conflict',
        data: { reason: 'running', owner: 'somebody' },
      })
      const [passage] = await world.remember(agent, 'bittern')
      const removals = removalsOf({ passageIds: [passage?.id ?? ''] })
      const rest = { ...forgetWrite(world, { owners: write.owners, mark: null }), removals }
      await expectRefused(store.applyForget(scope, rest), 'conflict')
      await store.applyForget(scope, { ...rest, besideTurns: true })
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(0)
      await store.renewLease(scope, { lease, until: world.at() })
      const more = { ...rest, removals: removalsOf({ turnIds: ['turn-1'] }), besideTurns: true }
      await expectRefused(store.applyForget(scope, more), 'internal')
      await store.applyForget(scope, { ...write, mark: null, deadOwners: ['somebody'] })
      await expectRefused(store.renewLease(scope, { lease, until: world.at() }), 'lease_lost')
    },
  },
  {
    name: 'applyForget() takes a changed block out of the prompts of other agents that have it, none of which may run',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'heron egret' })
      const agent = await world.agent({}, [block])
      const other = await world.agent()
      const id = defaultConversationId(other.id)
      const at = world.at()
      await store.attachBlock(scope, { agentId: other.id, blockId: block.id, at })
      const { lease, work } = await world.start(other, 'hello')
      const tail = {
        position: work.tailPosition,
        kind: 'tail',
        text: 'It is now: heron egret',
        sources: [block.id],
        createdAt: at,
      } as const
      const commit = world.stepCommit(lease, work, { text: 'Fine.' })
      const prefix = { key: 'k', system: 'heron egret', builtAt: at, shown: {}, shownFacts: {} }
      await store.commitStep(scope, { ...commit, prefix, tail })
      await store.releaseLease(scope, { lease })
      const write = await prepare(world, agent, {
        blocks: [{ blockId: block.id, expectedVersion: 1, value: 'heron' }],
      })
      await world.claim(id, 'somebody')
      await expect(store.applyForget(scope, write)).rejects.toMatchObject({
        code: 'conflict',
        data: { reason: 'running', owner: 'somebody' },
      })
      expect((await store.getConversation(scope, { id })).prefix).not.toBeNull()
      await store.applyForget(scope, { ...write, deadOwners: ['somebody'] })
      expect((await store.getConversation(scope, { id })).prefix).toBeNull()
      const place = { conversationId: id, fromPosition: 0, limit: 99 }
      expect(JSON.stringify(await store.listItems(scope, place))).not.toContain('egret')
    },
  },
  {
    name: 'applyForget() gives a block a version without the words and takes the hashes away',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'heron\negret' })
      const agent = await world.agent({}, [block])
      const [change] = await store.listMemoryChanges(scope, { agentId: agent.id, limit: 1 })
      const write = await prepare(world, agent, {
        blocks: [{ blockId: block.id, expectedVersion: 1, value: 'heron' }],
        edits: [
          {
            table: 'block_versions',
            key: [block.id, 1],
            before: { value: 'heron\negret' },
            after: { value: 'heron' },
          },
        ],
        unhashed: [change?.number ?? 0],
      })
      await store.applyForget(scope, write)
      expect(await store.getBlock(scope, { id: block.id })).toMatchObject({
        value: 'heron',
        version: 2,
      })
      const versions = await store.listBlockVersions(scope, { id: block.id, limit: 9 })
      expect(versions.map(({ version, value }) => [version, value])).toEqual([
        [2, 'heron'],
        [1, 'heron'],
      ])
      const changes = await store.listMemoryChanges(scope, { agentId: agent.id, limit: 9 })
      expect(changes.map(({ reason, afterHash }) => [reason, afterHash === null])).toEqual([
        ['forget', false],
        [change?.reason, true],
      ])
    },
  },
  {
    name: 'applyForget() removes passages with their past, blocks, conversations and agents',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock()
      const agent = await world.agent({}, [block])
      const [passage, other] = await world.remember(agent, 'egret', 'heron')
      await store.deletePassage(scope, { id: other?.id ?? '' })
      const conversation = await world.conversation(agent)
      await store.applyForget(
        scope,
        await prepare(world, agent, {
          removals: removalsOf({
            passageIds: [passage?.id ?? '', other?.id ?? ''],
            blockIds: [block.id],
            conversationIds: [conversation.id],
          }),
        }),
      )
      expect(await store.getPassages(scope, { ids: [passage?.id ?? ''] })).toEqual([])
      expect(await store.listMemoryChanges(scope, { agentId: agent.id, limit: 9 })).toEqual([])
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(0)
      await expectRefused(store.getBlock(scope, { id: block.id }), 'not_found')
      await expectRefused(store.getConversation(scope, { id: conversation.id }), 'not_found')
      const receipt = await store.applyForget(
        scope,
        await prepare(world, agent, { removals: removalsOf({ agentIds: [agent.id] }) }),
      )
      await expectRefused(store.getAgent(scope, { id: agent.id }), 'not_found')
      expect((await store.getForget(scope, { id: receipt.id })).agentId).toBeNull()
    },
  },
  {
    name: 'listForgets() pages from the newest, and finishForget() writes what was cleaned once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const receipts = []
      for (let count = 0; count < 3; count += 1) {
        receipts.push(await store.applyForget(scope, await prepare(world, agent, {})))
      }
      const ids = receipts.map(({ id }) => id).toReversed()
      const first = await store.listForgets(scope, { limit: 2 })
      expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2))
      const second = await store.listForgets(scope, { limit: 2, before: ids[1] ?? '' })
      expect(second.map(({ id }) => id)).toEqual(ids.slice(2))
      const id = ids[0] ?? ''
      const residue = { rowsSearched: 3, rowsFound: 0, filesSearched: 2, filesFound: 0 }
      const finish = { id, residue, cleaning: { log: 'emptied' }, outside: ['a'], at: 7 }
      const done = await store.finishForget(scope, finish)
      expect(done).toMatchObject({ state: 'done', residue, outside: ['a'], completedAt: 7 })
      expect(await store.finishForget(scope, { ...finish, outside: ['b'], at: 9 })).toEqual(done)
      expect(await store.getForget(scope, { id })).toEqual(done)
      const limited = world.limitedTo((await world.agent()).id)
      expect(await store.listForgets(limited, { limit: 9 })).toEqual([])
    },
  },
  {
    name: 'purge() cleans the database and may be repeated',
    async run(world) {
      const report = await world.store.purge({ texts: ['never said'] })
      expect(report).toMatchObject({ filesFound: 0, cleaning: expect.any(Object) })
      expect((await world.store.purge({ texts: null })).cleaning).toBeTypeOf('object')
    },
  },
]

async function prepare(
  world: World,
  agent: Agent,
  given: Partial<ForgetWrite>,
): Promise<ForgetWrite> {
  const named = { agentIds: [agent.id], archiveIds: [], blockIds: [] }
  const owners = await world.store.findForgetOwners(world.scope, named)
  const mark = await world.store.readForgetMark(world.scope, owners)
  return forgetWrite(world, { owners, mark, ...given })
}

async function readRows(
  world: World,
  agent: Agent,
  query: { readonly table: TextTableName; readonly limit: number },
): Promise<readonly StoredTextRow[]> {
  const { store, scope } = world
  const named = { agentIds: [agent.id], archiveIds: [], blockIds: [] }
  const owners = await store.findForgetOwners(scope, named)
  const rows: StoredTextRow[] = []
  for (let count = 0; count < 200; count += 1) {
    const last = rows.at(-1)
    const place = last === undefined ? {} : { after: placeOf(query.table, last) }
    const page = await store.listStoredTexts(scope, { owners, ...query, ...place })
    rows.push(...page)
    if (page.length < query.limit) return rows
  }
  throw new Error(`The table ${query.table} never ends`)
}

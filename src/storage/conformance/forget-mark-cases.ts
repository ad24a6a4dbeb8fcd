import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { forgetWrite, ownersOf } from './forget-samples.ts'
import { sampleFact, sampleJob, sampleSchedule } from './samples.ts'
import { toEntry, type World } from './world.ts'

/** What words are written to. */
interface Place {
  readonly agent: Agent
  readonly block: Block
  readonly archive: Archive
  readonly passage: Passage
  readonly runId: string
}

const word = 'zugheron'

/** Everything that brings words into an agent's memory, by what they come in with. */
const writes: Readonly<Record<string, (world: World, place: Place) => Promise<unknown>>> = {
  message: (world, { agent }) => world.say(agent, word),
  passage: (world, { agent }) => world.remember(agent, word),
  proposal: (world, { agent }) => world.propose(agent, { word }),
  conversation: (world, { agent }) => world.conversation(agent, { summary: word }),
  'summary of a conversation': (world, { agent }) =>
    world.store.updateConversation(world.scope, {
      id: defaultConversationId(agent.id),
      at: world.at(),
      set: { summary: word },
    }),
  'description of the agent': (world, { agent }) =>
    world.store.updateAgent(world.scope, {
      id: agent.id,
      at: world.at(),
      updatedById: world.scope.userId,
      set: { description: word },
    }),
  'description of a block': (world, { block }) =>
    world.store.updateBlock(world.scope, {
      id: block.id,
      at: world.at(),
      set: { metadata: { word } },
      cause: world.cause,
    }),
  'name of the archive': (world, { archive }) =>
    world.store.updateArchive(world.scope, { id: archive.id, at: world.at(), set: { name: word } }),
  'other words of a passage': (world, { agent, passage }) =>
    world.store.changeMemory(
      world.scope,
      world.memoryWrite(agent, {
        passageEdits: [
          {
            passageId: passage.id,
            expectedVersion: 1,
            text: word,
            tags: [word],
            entry: toEntry([word]),
          },
        ],
      }),
    ),
  fact: (world, { agent }) => {
    const fact = sampleFact({ id: world.id('fact'), agentId: agent.id, value: word })
    return world.store.changeMemory(
      world.scope,
      world.memoryWrite(agent, { facts: [{ action: 'create', fact, entry: toEntry([word]) }] }),
    )
  },
  signal: (world, { agent }) =>
    world.store.sendSignal(world.scope, {
      signal: {
        id: world.id('signal'),
        conversationId: defaultConversationId(agent.id),
        name: 'letter',
        payload: { word },
        createdAt: world.at(),
        consumedAt: null,
      },
      at: world.at(),
    }),
  schedule: (world, { agent }) => {
    const conversationId = defaultConversationId(agent.id)
    const ids = { id: world.id('schedule'), agentId: agent.id, conversationId }
    const schedule = sampleSchedule({ ...ids, lastError: word })
    return world.store.createSchedule(world.scope, { schedule, job: null })
  },
  job: (world, { agent }) => enqueue(world, agent.id),
  'job of the tenant': (world) => enqueue(world, ''),
  'error of a callback': (world, { runId }) =>
    world.store.recordCallback(world.scope, {
      runId,
      sentAt: world.at(),
      statusCode: null,
      error: word,
    }),
  import: async (world, { agent }) => {
    const conversation = world.conversationOf(agent)
    const given = { conversationId: conversation.id }
    const system = { id: conversation.systemMessageId, role: 'system', searchable: false } as const
    return await world.store.importMessages(world.scope, {
      agentId: agent.id,
      importId: conversation.id,
      start: { conversation, messages: [world.message(agent, '', { ...given, ...system })] },
      messages: [world.message(agent, word, given)],
      at: world.at(),
    })
  },
  block: async (world, { agent }) => {
    const { id: blockId } = await world.block({ label: 'other', value: word })
    return await world.store.attachBlock(world.scope, {
      agentId: agent.id,
      blockId,
      at: world.at(),
    })
  },
}

async function enqueue(world: World, lane: string): Promise<unknown> {
  const { tenantId } = world.scope
  const job = sampleJob({ id: world.id('job'), tenantId, lane, state: 'dead', lastError: word })
  return await world.store.enqueueJob(world.scope, { job })
}

/** What engines notice between a plan and its commit. */
export const forgetMarkCases: readonly ConformanceCase[] = [
  ...Object.entries(writes).map(([name, write]): ConformanceCase => ({
    name: `applyForget() removes nothing once a plan has missed a ${name}`,
    run: (world) => expectMissed(world, write),
  })),
  {
    name: 'applyForget() is not disturbed by what others say, and adds to a forgetting that is there',
    async run(world) {
      const { store, scope } = world
      const { agent } = await makePlace(world)
      const owners = await store.findForgetOwners(scope, ownersOf(agent.id))
      const mark = await store.readForgetMark(scope, owners)
      await world.exchange(await world.agent(), word)
      const write = forgetWrite(world, { owners, mark })
      const { job, receipt } = write
      await store.applyForget(scope, write)
      const counts = { 'message remove': 1, 'signal cut': 2 }
      const again = { ...write, mark: await store.readForgetMark(scope, owners), job: null }
      await store.applyForget(scope, { ...again, receipt: { ...receipt, counts } })
      expect(await store.listForgets(scope, { limit: 9 })).toEqual([{ ...receipt, counts }])
      const jobs = await store.listJobs(scope, { kinds: ['forget'], limit: 9 })
      expect(jobs.map(({ id }) => id)).toEqual([job?.id])
      const unknown = { ...receipt, id: world.id('forget') }
      await expect(store.applyForget(scope, { ...again, receipt: unknown })).rejects.toMatchObject({
        code: 'not_found',
      })
    },
  },
  {
    name: 'listStoredTexts() gives the jobs of the tenant to those who see every agent',
    async run(world) {
      const { store, scope } = world
      const { agent } = await makePlace(world)
      await enqueue(world, '')
      const query = { owners: ownersOf(agent.id), table: 'jobs', limit: 9 } as const
      const errors = async (caller: World['scope']): Promise<readonly unknown[]> => {
        const rows = await store.listStoredTexts(caller, query)
        return rows.flatMap(({ last_error: error }) => error ?? [])
      }
      expect(await errors(scope)).toEqual([word])
      expect(await errors(world.limitedTo(agent.id))).toEqual([])
    },
  },
  {
    name: 'findForgetSharers() names who has or had a block or archive, as far as the caller sees them',
    async run(world) {
      const { store, scope } = world
      const { agent, block, archive } = await makePlace(world)
      const [reader, former, searcher] = [
        await world.agent(),
        await world.agent(),
        await world.agent(),
      ]
      await world.agent()
      const at = world.at()
      const blockId = block.id
      await store.attachBlock(scope, { agentId: reader.id, blockId, at })
      await store.attachBlock(scope, { agentId: former.id, blockId, at })
      await store.detachBlock(scope, { agentId: former.id, blockId, at })
      await store.attachArchive(scope, { agentId: searcher.id, archiveId: archive.id, at })
      const owners = await store.findForgetOwners(scope, ownersOf(agent.id))
      const all = [reader.id, former.id, searcher.id].toSorted()
      expect(await store.findForgetSharers(scope, owners)).toEqual({ agentIds: all, unseen: 0 })
      const limited = world.limitedTo(agent.id, reader.id)
      expect(await store.findForgetSharers(limited, owners)).toEqual({
        agentIds: [reader.id],
        unseen: 2,
      })
    },
  },
  {
    name: 'applyForget() names a running conversation to those who see its agent',
    async run(world) {
      const { store, scope } = world
      const { agent, block } = await makePlace(world)
      const other = await world.agent()
      await store.attachBlock(scope, { agentId: other.id, blockId: block.id, at: world.at() })
      const limited = world.limitedTo(agent.id)
      const owners = await store.findForgetOwners(limited, ownersOf(agent.id))
      const mark = await store.readForgetMark(limited, owners)
      const conversationId = defaultConversationId(other.id)
      await world.claim(conversationId, 'somebody')
      const blocks = [{ blockId: block.id, expectedVersion: 1, value: 'less' }]
      const write = forgetWrite(world, { owners, mark, blocks })
      const refusal = await store.applyForget(limited, write).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'conflict', data: { reason: 'running' } })
      expect(String(refusal)).toContain('a turn runs of another agent that shares its memory')
      expect(JSON.stringify([String(refusal), refusal])).not.toContain(conversationId)
      const whole = { ...write, mark: await store.readForgetMark(scope, owners) }
      await expect(store.applyForget(scope, whole)).rejects.toMatchObject({
        data: { conversation_id: conversationId },
      })
    },
  },
]

/** Expects that a plan is refused that was made before something was written. */
async function expectMissed(
  world: World,
  write: (world: World, place: Place) => Promise<unknown>,
): Promise<void> {
  const { store, scope } = world
  const place = await makePlace(world)
  const owners = await store.findForgetOwners(scope, ownersOf(place.agent.id))
  const mark = await store.readForgetMark(scope, owners)
  await write(world, place)
  await expect(
    store.applyForget(scope, forgetWrite(world, { owners, mark })),
  ).rejects.toMatchObject({ code: 'conflict', data: { reason: 'changed' } })
  expect(await store.listForgets(scope, { limit: 9 })).toEqual([])
}

async function makePlace(world: World): Promise<Place> {
  const block = world.newBlock()
  const agent = await world.agent({}, [block])
  const { item } = await world.exchange(agent, 'heron')
  const [passage] = await world.remember(agent, 'egret')
  const archive = await world.store.getArchive(world.scope, { id: passage?.archiveId ?? '' })
  if (passage === undefined) throw new Error('no passage was stored')
  return { agent, block, archive, passage, runId: item?.message.runId ?? '' }
}

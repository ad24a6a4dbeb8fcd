import { expect } from 'vitest'
import type { RunEventBody } from '../../domain/run.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { emptyUsage, type World } from './world.ts'

/** What engines do with the commits of a turn. */
export const commitCases: readonly ConformanceCase[] = [
  {
    name: 'commitStep() stores step, message, tool calls, prefix and events together',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const prefix = { key: 'k', system: 's', builtAt: 1, shown: {} }
      const commit = world.stepCommit(lease, work, { tools: ['one'], prefix })
      const result = await store.commitStep(scope, commit)
      const position = (work.items.at(-1)?.position ?? 0) + 1
      expect(result.item).toEqual({
        kind: 'message',
        position,
        message: { ...commit.message?.message, sequence: expect.any(Number) },
      })
      expect(result.events).toEqual([
        { runId: work.run.id, sequence: 1, event: commit.events[0], createdAt: commit.at },
      ])
      expect(await store.getStep(scope, { id: commit.step.id })).toEqual(commit.step)
      const next = await world.begin(lease)
      expect(next).toMatchObject({
        turn: { state: 'executing', stepCount: 1, toolHistory: ['one'] },
        conversation: { prefix },
        lastStep: commit.step,
      })
      await expectRefused(store.commitStep(scope, commit), 'conflict')
    },
  },
  {
    name: 'commitStep() puts the tail item where it was sent, before the message',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const tail = {
        kind: 'tail',
        text: 'It is <noon>.',
        sources: ['message-1'],
        createdAt: 5,
      } as const
      const first = { ...tail, position: work.tailPosition }
      await store.commitStep(scope, world.stepCommit(lease, work, { tail: first, tools: ['x'] }))
      const second = await world.begin(lease)
      expect(second.items[0]).toEqual(first)
      const end = { ...tail, position: (second.items.at(-1)?.position ?? 0) + 1 }
      const commit = world.stepCommit(lease, second, { tail: end, tools: ['y'] })
      const { item } = await store.commitStep(scope, commit)
      expect(item?.position).toBe(end.position + 1)
      const third = await world.begin(lease)
      expect(third.items.at(-2)).toEqual(end)
      const alone = { ...tail, position: (third.items.at(-1)?.position ?? 0) + 1 }
      const silent = world.stepCommit(lease, third, { tail: alone, message: null, end: null })
      expect((await store.commitStep(scope, silent)).item).toBeNull()
      const fourth = await world.begin(lease)
      const last = await store.commitStep(scope, world.stepCommit(lease, fourth))
      expect(last.item?.position).toBe(alone.position + 1)
      const listed = await store.listMessages(scope, { agentId: agent.id, limit: 20, order: 'asc' })
      expect(listed.map(({ role }) => role)).toEqual([
        'system',
        'user',
        'assistant',
        'assistant',
        'assistant',
      ])
    },
  },
  {
    name: 'commitStep() with an end ends turn and run, and agent and conversation remember it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const commit = world.stepCommit(lease, work)
      const end = world.end(work, { metadata: { result: 1 } })
      const { events } = await store.commitStep(scope, { ...commit, end })
      expect(events.map(({ sequence, event }) => [sequence, event.type])).toEqual([
        [1, 'message-stored'],
        [2, 'run-ended'],
      ])
      const durationMs = end.at - work.run.createdAt
      expect(await store.getRun(scope, { id: work.run.id })).toEqual({
        ...work.run,
        status: 'completed',
        stopReason: 'end_turn',
        metadata: { run_type: 'send_message', result: 1 },
        completedAt: end.at,
        timeToFirstTokenNs: 5_000_000,
        totalDurationNs: durationMs * 1_000_000,
      })
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({
        state: 'ended',
        stopReason: 'end_turn',
        stepCount: 1,
      })
      expect(await store.getAgent(scope, { id: agent.id })).toMatchObject({
        lastRunCompletion: end.at,
        lastRunDurationMs: durationMs,
        lastStopReason: 'end_turn',
      })
      const conversation = { id: lease.conversationId }
      expect(await store.getConversation(scope, conversation)).toMatchObject({
        lastMessageAt: end.at,
        lastRunCompletion: end.at,
      })
      await expectRefused(store.endTurn(scope, { lease, end }), 'lease_lost')
      const again = await world.claim(lease.conversationId)
      await expectRefused(store.endTurn(scope, { lease: again, end }), 'conflict')
      const afterwards = world.stepCommit(again, work)
      await expectRefused(store.commitStep(scope, afterwards), 'conflict')
    },
  },
  {
    name: 'a failed attempt does not hide the tool calls of the step before it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const commit = world.stepCommit(lease, work, { tools: ['one'] })
      await store.commitStep(scope, commit)
      const next = await world.begin(lease)
      const attempt = world.stepCommit(lease, next, { message: null, end: null, events: [] })
      const failed = { ...attempt.step, status: 'failed', error: { reason: 'x' } } as const
      const { item } = await store.commitStep(scope, { ...attempt, step: failed })
      expect(item).toBeNull()
      const after = await world.begin(lease)
      expect(after.lastStep).toEqual(failed)
      expect(after.toolCalls).toEqual(commit.toolCalls)
    },
  },
  {
    name: 'every write of a turn refuses a lease that is gone, and writes nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease: old, work } = await world.start(agent, 'go')
      const first = world.stepCommit(old, work, { tools: ['x'] })
      await store.commitStep(scope, first)
      await store.releaseLease(scope, { lease: old })
      const lease = await world.claim(old.conversationId, 'other')
      const next = await world.begin(lease)
      const stale = world.stepCommit(old, next)
      const { id: stepId } = first.step
      const runId = work.run.id
      const at = world.at()
      const operations = [
        store.commitStep(scope, stale),
        store.startTools(scope, { lease: old, stepId, indexes: [0], at }),
        store.commitTool(scope, world.toolCommit(first, 0)),
        store.endTurn(scope, { lease: old, end: world.end(work) }),
        store.appendEvents(scope, { lease: old, runId, events: stale.events, at }),
        store.beginWork(scope, { lease: old, at, itemsAfter: 0 }),
        store.renewLease(scope, { lease: old, until: at }),
      ]
      await Promise.all(operations.map((each) => expectRefused(each, 'lease_lost')))
      expect(await world.begin(lease)).toEqual(next)
      expect(await store.listEvents(scope, { runId, after: 0, limit: 9 })).toHaveLength(1)
    },
  },
  {
    name: 'commitTool() stores block edits, passages, result and events together',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ value: 'old' })
      const agent = await world.agent({}, [block])
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['edit', 'note'] })
      await store.commitStep(scope, step)
      const events: readonly RunEventBody[] = [{ type: 'message-dropped', messageId: 'm' }]
      const cause = {
        actor: { kind: 'agent', id: agent.id },
        reason: 'edit',
        sourceMessageIds: ['m'],
      } as const
      const edit = world.toolCommit(step, 0, {
        isLast: false,
        blockEdits: [{ blockId: block.id, expectedVersion: 1, value: 'new' }],
        cause,
        events,
      })
      const edited = await store.commitTool(scope, edit)
      expect(edited).toMatchObject({ item: null, events: [{ sequence: 2, event: events[0] }] })
      expect(await store.getBlock(scope, { id: block.id })).toMatchObject({
        value: 'new',
        version: 2,
        updatedAt: edit.at,
        updatedById: agent.id,
      })
      const [version] = await store.listBlockVersions(scope, { id: block.id, limit: 1 })
      expect(version).toMatchObject({ version: 2, value: 'new', ...cause })

      const archive = world.newArchive()
      const note = world.toolCommit(step, 1, {
        passages: [world.newPassage('herons fish at dawn', { tags: ['bird'] })],
        archive,
      })
      const noted = await store.commitTool(scope, note)
      expect(noted.item).toMatchObject({ message: { id: note.toolMessage?.message.id } })
      const passages = await store.listPassages(scope, {
        agentId: agent.id,
        limit: 9,
        order: 'asc',
      })
      expect(passages).toEqual([{ ...note.passages[0]?.passage, archiveId: archive.id }])
      expect((await world.begin(lease)).blocks[0]?.value).toBe('new')
    },
  },
  {
    name: 'commitTool() with a stale block version writes nothing at all',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [world.newBlock({ label: 'one' }), world.newBlock({ label: 'two' })]
      const agent = await world.agent({}, [one, two])
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['edit'] })
      await store.commitStep(scope, step)
      const change = { id: two.id, at: world.at(), cause: world.cause, set: { value: 'else' } }
      await store.updateBlock(scope, change)
      const commit = world.toolCommit(step, 0, {
        blockEdits: [
          { blockId: one.id, expectedVersion: 1, value: 'mine' },
          { blockId: two.id, expectedVersion: 1, value: 'mine' },
        ],
        passages: [world.newPassage('never')],
        archive: world.newArchive(),
      })
      await expect(store.commitTool(scope, commit)).rejects.toMatchObject({
        code: 'conflict',
        data: { block_id: two.id, expected_version: 1, current_version: 2 },
      })
      expect(await store.getBlock(scope, { id: one.id })).toEqual(one)
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(0)
      expect((await world.begin(lease)).toolCalls).toMatchObject([{ state: 'intended' }])
      const gone = [{ blockId: world.id('block'), expectedVersion: 1, value: 'x' }]
      const missing = world.toolCommit(step, 0, { blockEdits: gone })
      await expectRefused(store.commitTool(scope, missing), 'conflict')
    },
  },
  {
    name: 'commitTool() wants the message exactly with the last call, and a result once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['one', 'two'] })
      await store.commitStep(scope, step)
      const early = world.toolCommit(step, 0, { isLast: true })
      await expectRefused(store.commitTool(scope, early), 'internal')
      await store.commitTool(scope, world.toolCommit(step, 1, { isLast: false }))
      const again = world.toolCommit(step, 1, { isLast: false })
      await expectRefused(store.commitTool(scope, again), 'conflict')
      const late = world.toolCommit(step, 0, { isLast: false })
      await expectRefused(store.commitTool(scope, late), 'internal')
      await store.commitTool(scope, world.toolCommit(step, 0))
      const { stepId } = late
      const at = world.at()
      const unknown = { lease, stepId, indexes: [7], at }
      await expectRefused(store.startTools(scope, unknown), 'not_found')
    },
  },
  {
    name: 'commitTool() can end the turn',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['last'] })
      await store.commitStep(scope, step)
      const end = world.end(work, { stopReason: 'tool_rule' })
      const result = await store.commitTool(scope, world.toolCommit(step, 0, { end }))
      expect(result.events.map(({ event }) => event.type)).toEqual(['run-ended'])
      const run = await store.getRun(scope, { id: work.run.id })
      expect(run).toMatchObject({ status: 'completed', stopReason: 'tool_rule' })
    },
  },
  {
    name: 'endTurn() fails a turn with its reason',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const error = { errorType: 'llm_error', message: 'm', detail: 'd' }
      const event: RunEventBody = {
        type: 'run-ended',
        stopReason: 'llm_api_error',
        usage: emptyUsage,
        error,
      }
      const end = world.end(work, {
        status: 'failed',
        stopReason: 'llm_api_error',
        metadata: { error },
        events: [event],
      })
      const result = await store.endTurn(scope, { lease, end })
      const ended = { item: null, events: [{ sequence: 1, event }], released: true }
      expect(result).toMatchObject(ended)
      expect(await store.getRun(scope, { id: work.run.id })).toMatchObject({
        status: 'failed',
        metadata: { run_type: 'send_message', error },
      })
      const again = await world.claim(lease.conversationId)
      const unknown = { ...end, turnId: world.id('turn') }
      await expectRefused(store.endTurn(scope, { lease: again, end: unknown }), 'not_found')
    },
  },
  {
    name: 'events of a run are numbered from 1 without gaps, whoever adds them',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const runId = work.run.id
      const delta = (text: string): RunEventBody => ({
        type: 'text-delta',
        messageId: 'm',
        stepId: 's',
        text,
      })
      const at = world.at()
      const batches = [[delta('a'), delta('b')], [], [delta('c')]]
      const added = await Promise.all(
        batches.map((events) => store.appendEvents(scope, { lease, runId, events, at })),
      )
      expect(added.map((events) => events.length)).toEqual([2, 0, 1])
      await store.commitStep(scope, world.stepCommit(lease, work))
      const all = await store.listEvents(scope, { runId, after: 0, limit: 99 })
      expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
      expect(all.slice(0, 3).map(({ event }) => event)).toEqual([
        delta('a'),
        delta('b'),
        delta('c'),
      ])
      expect(await store.listEvents(scope, { runId, after: 2, limit: 2 })).toEqual(all.slice(2, 4))
      expect(await store.listEvents(scope, { runId: 'run-x', after: 0, limit: 9 })).toEqual([])
    },
  },
  {
    name: 'pruneEvents() removes the events of runs that ended before a time, in portions',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'one')
      await world.exchange(agent, 'two')
      const { work } = await world.start(agent, 'open')
      const endedBefore = world.at()
      expect(await store.pruneEvents(scope, { endedBefore: 1, limit: 9 })).toBe(0)
      expect(await store.pruneEvents(scope, { endedBefore, limit: 3 })).toBe(3)
      expect(await store.pruneEvents(scope, { endedBefore, limit: 3 })).toBe(1)
      expect(await store.pruneEvents(scope, { endedBefore, limit: 3 })).toBe(0)
      expect(await listEventCounts(world)).toEqual([0, 0, 0])
      expect(work.run.status).toBe('running')
    },
  },
]

async function listEventCounts(world: World): Promise<readonly number[]> {
  const page = { limit: 9, order: 'asc' } as const
  const runs = await world.store.listRuns(world.scope, { filter: {}, page })
  const events = runs.map(({ id }) =>
    world.store.listEvents(world.scope, { runId: id, after: 0, limit: 99 }),
  )
  return (await Promise.all(events)).map((list) => list.length)
}

import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { CallAnswer } from '../../domain/approval.ts'
import { systemScope } from '../../domain/scope.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { answerOf, askFor, askIn, cancelOf, type Asked } from './asked-turn.ts'
import { messageItems, type World } from './world.ts'

/** What engines do with turns that wait for an answer. */
export const approvalCases: readonly ConformanceCase[] = [
  {
    name: 'commitStep() with a request ends the run and leaves the turn waiting at the head of its conversation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const asked = await askFor(world, agent, { tools: ['one', 'mine'] })
      const { work, committed, step } = asked
      const places = [committed.item, committed.request].map((item) => item?.position)
      expect(places).toEqual([5, 6])
      expect(committed.events.map(({ event }) => event.type)).toEqual([
        'message-stored',
        'run-ended',
      ])
      expect(await store.getRun(scope, { id: work.run.id })).toMatchObject({
        status: 'completed',
        stopReason: 'requires_approval',
        completedAt: step.end?.at,
      })
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({
        state: 'waiting',
        stopReason: null,
        waitingFor: { kind: 'approval', messageId: asked.request.id, callIds: asked.callIds },
      })
      const [pending] = await store.listPendingApprovals(scope, { agentId: agent.id, limit: 9 })
      expect(pending).toMatchObject({
        turn: { id: work.turn.id },
        runId: work.run.id,
        message: { ...asked.request, sequence: expect.any(Number) },
        toolCalls: step.toolCalls,
      })
      await expectIdle(world, asked)
    },
  },
  {
    name: 'listPendingApprovals() filters by conversation and agent, oldest first',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [
        await askFor(world, await world.agent()),
        await askFor(world, await world.agent()),
      ]
      const runs = async (
        given: Omit<Parameters<typeof store.listPendingApprovals>[1], 'limit'>,
      ): Promise<readonly string[]> =>
        (await store.listPendingApprovals(scope, { limit: 9, ...given })).map(({ runId }) => runId)
      expect(await runs({})).toEqual([one.work.run.id, two.work.run.id])
      expect(await runs({ agentId: two.agent.id })).toEqual([two.work.run.id])
      const { conversationId } = one.work.turn
      expect(await runs({ conversationIds: [conversationId] })).toEqual([one.work.run.id])
      expect(await runs({ conversationIds: [] })).toEqual([])
      expect(await store.listPendingApprovals(scope, { limit: 1 })).toHaveLength(1)
    },
  },
  {
    name: 'acceptInput() refuses a message while an answer is awaited, and knows one it had accepted before',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const otid = randomUUID()
      const early = world.input(agent, 'early', { clientOtids: [otid] })
      const asked = await askFor(world, agent)
      const input = world.input(agent, 'and now?')
      await expectRefused(store.acceptInput(scope, input), 'pending_approval')
      await expectRefused(
        store.acceptInput(scope, { ...input, rejectBusy: true }),
        'pending_approval',
      )
      await store.answerApproval(scope, answerOf(world, asked, { clientOtids: [otid] }))
      expect((await store.acceptInput(scope, early)).duplicate).toBe(true)
    },
  },
  {
    name: 'an input accepted before the request waits behind it, whoever looks for work',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'first')
      const behind = await world.say(agent, 'second')
      const asked = await askIn(world, agent, { lease, work })
      await expectIdle(world, asked)
      await store.cancelApproval(scope, cancelOf(world, asked))
      const next = await world.claim(lease.conversationId)
      expect((await world.begin(next)).turn.id).toBe(behind.turn.id)
    },
  },
  {
    name: 'answerApproval() journals every answer and opens the next run of the same turn',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const asked = await askFor(world, agent, { tools: ['a', 'b', 'c', 'd'], waiting: 3 })
      const [b = '', c = '', d = ''] = asked.callIds
      const given = { status: 'success', text: 'mine', stdout: ['o'], stderr: null } as const
      const answers: readonly CallAnswer[] = [
        { kind: 'approval', callId: d, approve: false, reason: 'too late' },
        { kind: 'return', callId: c, ...given },
        { kind: 'approval', callId: b, approve: true, reason: null },
      ]
      const options = { streamTokens: false, clientTools: [] }
      const answer = answerOf(world, asked, { answers, options })
      const opened = await store.answerApproval(scope, answer)
      expect(opened).toMatchObject({
        duplicate: false,
        run: { id: answer.run.id, turnId: asked.work.turn.id, status: 'created' },
        turn: { id: asked.work.turn.id, state: 'queued', waitingFor: null, stepCount: 1 },
        messages: [{ id: answer.message.message.id, approvals: answers }],
      })
      expect(opened.turn.options).toEqual({ ...asked.work.turn.options, ...options })
      const lease = await world.claim(answer.conversationId)
      const work = await world.begin(lease)
      expect(work).toMatchObject({
        turn: { state: 'executing', stepCount: 1, toolHistory: ['a', 'b', 'c', 'd'] },
        run: { id: answer.run.id, status: 'running' },
        tailPosition: asked.work.tailPosition,
        lastStep: { id: asked.step.step.id },
      })
      expect(work.toolCalls.map(({ state }) => state)).toEqual([
        'intended',
        'intended',
        'answered',
        'answered',
      ])
      expect(work.toolReturns).toEqual([
        null,
        null,
        given,
        {
          status: 'error',
          text: 'Error: request to call tool denied. User reason: too late',
          stdout: null,
          stderr: null,
        },
      ])
      expect(work.items.at(-1)).toMatchObject({ message: { approvals: answers } })
      expect(await store.listPendingApprovals(scope, { agentId: agent.id, limit: 9 })).toEqual([])
    },
  },
  {
    name: 'answerApproval() keeps the place of the returns before the messages that came with it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const asked = await askFor(world, agent)
      const followUps = [world.message(agent, 'one more'), world.message(agent, 'and another')]
      const answer = answerOf(world, asked, { followUps })
      await store.answerApproval(scope, answer)
      const lease = await world.claim(answer.conversationId)
      const work = await world.begin(lease)
      const places = messageItems(work.items).slice(-3)
      const first = places[0]?.position ?? 0
      expect(places.map(({ position }) => position)).toEqual([first, first + 3, first + 4])
      const commit = world.toolCommit({ ...asked.step, lease }, 0, { position: first + 1 })
      const events = [
        {
          type: 'message-stored',
          messageId: commit.toolMessage?.message.id ?? '',
          streamed: false,
        },
      ] as const
      const done = await store.commitTool(scope, { ...commit, events })
      expect(done.item?.position).toBe(first + 1)
      expect(done.events).toMatchObject([{ runId: answer.run.id, sequence: 1 }])
      const next = await world.begin(lease)
      expect(
        messageItems(next.items)
          .map(({ message }) => message.id)
          .slice(-4),
      ).toEqual([
        answer.message.message.id,
        commit.toolMessage?.message.id,
        ...followUps.map(({ message }) => message.id),
      ])
      const said = world.stepCommit(lease, next)
      const { item } = await store.commitStep(scope, said)
      expect(item?.position).toBe(first + 5)
      expect(await store.getTurn(scope, { id: asked.work.turn.id })).toMatchObject({
        state: 'ended',
        stopReason: 'end_turn',
      })
    },
  },
  {
    name: 'answerApproval() takes answers for exactly the calls that wait, once, and changes nothing else',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const asked = await askFor(world, agent, { tools: ['a', 'b'], waiting: 2 })
      const [a = '', b = ''] = asked.callIds
      const allow = (...callIds: readonly string[]): readonly CallAnswer[] =>
        callIds.map((callId) => ({ kind: 'approval', callId, approve: true, reason: null }))
      for (const answers of [[], allow(a), allow(a, b, 'c'), allow(a, 'c'), allow(a, b, b)]) {
        const wrong = answerOf(world, asked, { answers })
        await expectRefused(store.answerApproval(scope, wrong), 'approval_mismatch')
      }
      const wrong = store.answerApproval(scope, answerOf(world, asked, { answers: allow('c') }))
      await expect(wrong).rejects.toMatchObject({ data: { expected: [a, b], received: ['c'] } })
      expect(
        await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' }),
      ).toHaveLength(4)
      const otid = randomUUID()
      const first = answerOf(world, asked, { clientOtids: [otid] })
      expect((await store.answerApproval(scope, first)).duplicate).toBe(false)
      const again = await store.answerApproval(
        scope,
        answerOf(world, asked, { clientOtids: [otid] }),
      )
      expect(again).toMatchObject({ duplicate: true, run: { id: first.run.id } })
      const late = answerOf(world, asked)
      await expectRefused(store.answerApproval(scope, late), 'approval_not_pending')
      const nowhere = { ...late, conversationId: world.id('conversation') }
      await expectRefused(store.answerApproval(scope, nowhere), 'not_found')
    },
  },
  {
    name: 'answerApproval() of two callers at once opens one run',
    async run(world) {
      const { store, scope } = world
      const asked = await askFor(world, await world.agent())
      const both = [answerOf(world, asked), answerOf(world, asked)]
      const results = await Promise.allSettled(
        both.map((answer) => store.answerApproval(scope, answer)),
      )
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const page = { limit: 9, order: 'asc' } as const
      const filter = { agentIds: [asked.agent.id] }
      expect(await store.listRuns(scope, { filter, page })).toHaveLength(2)
    },
  },
  {
    name: 'of an approval, a denial and a cancel at once one holds, and nothing of the others is stored',
    async run(world) {
      const { store, scope } = world
      for (const order of [0, 1, 2]) {
        const asked = await askFor(world, await world.agent())
        const [callId = ''] = asked.callIds
        const denial = { kind: 'approval', callId, approve: false, reason: 'no' } as const
        const calls = [
          () => store.answerApproval(scope, answerOf(world, asked)),
          () => store.answerApproval(scope, answerOf(world, asked, { answers: [denial] })),
          () => store.cancelApproval(scope, cancelOf(world, asked)),
        ]
        const inOrder = [...calls.slice(order), ...calls.slice(0, order)]
        const results = await Promise.allSettled(inOrder.map((call) => call()))
        const refused = results.flatMap((result) =>
          result.status === 'rejected' ? [(result.reason as { readonly code?: unknown }).code] : [],
        )
        expect(refused).toEqual(['approval_not_pending', 'approval_not_pending'])
        const held = (results.findIndex(({ status }) => status === 'fulfilled') + order) % 3
        const { conversationId } = asked.work.turn
        const query = { conversationId, limit: 9, order: 'asc' } as const
        const said = await store.listMessages(scope, { ...query, roles: ['approval'] })
        expect(said.flatMap(({ approvals }) => approvals)).toHaveLength(1)
        const turn = await store.getTurn(scope, { id: asked.work.turn.id })
        expect(turn.state).toBe(held === 2 ? 'ended' : 'queued')
        const filter = { agentIds: [asked.agent.id] }
        const page = { limit: 9, order: 'asc' } as const
        expect(await store.listRuns(scope, { filter, page })).toHaveLength(held === 2 ? 1 : 2)
        if (held === 2) continue
        const begun = await world.begin(await world.claim(conversationId))
        expect(begun.toolCalls).toMatchObject([{ state: held === 0 ? 'intended' : 'answered' }])
      }
    },
  },
  {
    name: 'requestCancel() leaves the open calls of an answered turn to its runner',
    async run(world) {
      const { store, scope } = world
      const asked = await askFor(world, await world.agent())
      const { run } = await store.answerApproval(scope, answerOf(world, asked))
      const end = world.end(asked.work, {
        runId: run.id,
        status: 'cancelled',
        stopReason: 'cancelled',
      })
      const cancel = { runId: run.id, end, at: world.at() }
      expect(await store.requestCancel(scope, cancel)).toMatchObject({ isRequested: true })
      const lease = await world.claim(run.conversationId)
      expect(await world.begin(lease)).toMatchObject({
        turn: { stopRequest: 'cancel' },
        toolCalls: [{ state: 'intended' }],
      })
    },
  },
  {
    name: 'cancelApproval() gives every call a return and ends the turn; its run stays as it ended',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const asked = await askFor(world, agent, { tools: ['one', 'mine'] })
      const stale = cancelOf(world, asked, { messageId: world.id('message') })
      await expectRefused(store.cancelApproval(scope, stale), 'approval_not_pending')
      const unknown = cancelOf(world, asked, { runId: world.id('run') })
      await expectRefused(store.cancelApproval(scope, unknown), 'not_found')
      const cancel = cancelOf(world, asked)
      const before = await store.getRun(scope, { id: asked.work.run.id })
      expect(await store.cancelApproval(scope, cancel)).toMatchObject({
        id: asked.work.turn.id,
        state: 'ended',
        stopReason: 'cancelled',
        waitingFor: null,
      })
      expect(await store.getRun(scope, { id: asked.work.run.id })).toEqual(before)
      await expectRefused(store.cancelApproval(scope, cancel), 'approval_not_pending')
      await expectRefused(
        store.answerApproval(scope, answerOf(world, asked)),
        'approval_not_pending',
      )
      const { work } = await world.start(agent, 'what now?')
      expect(
        messageItems(work.items)
          .map(({ message }) => message.id)
          .slice(-3),
      ).toEqual([
        cancel.answer.message.id,
        cancel.toolMessage.message.id,
        work.items.at(-1)?.kind === 'message' ? expect.any(String) : '',
      ])
      expect(work.turn.id).not.toBe(asked.work.turn.id)
    },
  },
]

/** Nothing is to be done in the conversation of a turn that waits. */
async function expectIdle({ store, scope }: World, asked: Asked): Promise<void> {
  const { conversationId } = asked.work.turn
  const { owner } = store.description
  const claim = { conversationId, owner, at: 5, until: 9, known: null }
  expect(await store.claimWork(scope, claim)).toEqual({ state: 'idle' })
  expect(await store.readLease(scope, { conversationId })).toBeNull()
  const open = await store.listOpenWork(systemScope, { at: 3e15, limit: 9999 })
  expect(open.map((work) => work.conversationId)).not.toContain(conversationId)
}

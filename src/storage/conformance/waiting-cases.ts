import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { TimedWait } from '../../domain/run.ts'
import { systemScope } from '../../domain/scope.ts'
import type { Signal } from '../../domain/signal.ts'
import type { LeaseProof, StepCommit, TurnWork, WorkClaim } from '../contract/turn-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { messageItems, type World } from './world.ts'

/** What engines do when turns are cancelled, paused, parked and woken. */
export const waitingCases: readonly ConformanceCase[] = [
  {
    name: 'requestCancel() ends a run that was not begun and gives its input no place',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'first')
      const { run, turn } = await world.say(agent, 'second')
      await world.say(agent, 'third')
      const input = toCancel(world, { run, turn })
      const outcome = await store.requestCancel(scope, input)
      expect(outcome).toMatchObject({
        run: { id: run.id, status: 'cancelled', stopReason: 'cancelled', completedAt: input.at },
        isRequested: false,
        events: [{ sequence: 1, event: { type: 'run-ended' } }],
      })
      const again = await store.requestCancel(scope, input)
      expect(again).toEqual({ run: outcome.run, isRequested: false, events: [] })
      await store.commitStep(scope, world.stepCommit(lease, work, { text: 'one' }))
      expect(textsOf(await world.begin(lease))).toEqual(['first', 'one', 'third'])
    },
  },
  {
    name: 'requestCancel() marks a run under way for its runner until it has ended',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const input = toCancel(world, work)
      for (let time = 0; time < 2; time += 1) {
        expect(await store.requestCancel(scope, input)).toEqual({
          run: work.run,
          isRequested: true,
          events: [],
        })
      }
      const { conversationId } = lease
      const pending = { conversationId, runId: work.run.id, request: 'cancel' }
      expect(await stopsOf(world, conversationId)).toEqual([pending])
      expect((await world.begin(lease)).turn.stopRequest).toBe('cancel')
      await store.endTurn(scope, { lease, end: input.end })
      expect(await stopsOf(world, conversationId)).toEqual([])
      const { run, isRequested } = await store.requestCancel(scope, input)
      expect([run.status, isRequested]).toEqual(['cancelled', false])
      await expectRefused(
        store.requestCancel(scope, { ...input, runId: world.id('run') }),
        'not_found',
      )
    },
  },
  {
    name: 'requestCancel() opens a turn that rests, also in a paused conversation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await toWait(world, agent)
      await store.parkTurn(scope, parkInput(world, { lease, work }))
      expect(await store.beginWork(scope, { lease, at: world.at(), itemsAfter: 0 })).toBeNull()
      await store.pauseConversation(scope, pauseInput(world, lease))
      await store.requestCancel(scope, toCancel(world, work))
      const claim = await claimWork(world, lease.conversationId)
      expect(claim).toMatchObject({
        state: 'claimed',
        work: { turn: { state: 'executing', stopRequest: 'cancel', wakeAt: null } },
      })
      if (claim.state === 'claimed') expect(claim.work.run.metadata).toEqual(work.run.metadata)
    },
  },
  {
    name: 'pauseConversation() lets a turn finish its step, and beginWork() lets it rest then',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['tool'] })
      await store.commitStep(scope, step)
      const paused = await store.pauseConversation(scope, pauseInput(world, lease))
      expect(paused).toMatchObject({
        conversation: { state: 'paused' },
        runId: work.run.id,
        isRunning: true,
      })
      expect((await world.begin(lease)).turn.state).toBe('executing')
      await store.commitTool(scope, world.toolCommit(step, 0))
      const next = { lease, at: world.at(), itemsAfter: 0 }
      expect(await store.beginWork(scope, next)).toBeNull()
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({ state: 'paused' })
      expect(await store.getRun(scope, { id: work.run.id })).toMatchObject({
        status: 'running',
        metadata: { ...work.run.metadata, waiting_for: { kind: 'pause' } },
      })
      expect(await openRuns(world, lease.conversationId)).toEqual([])
      expect(await claimWork(world, lease.conversationId)).toEqual({ state: 'idle' })
      expect(await store.readLease(scope, lease)).toBeNull()
      expect(await store.pauseConversation(scope, pauseInput(world, lease))).toMatchObject({
        runId: work.run.id,
        isRunning: false,
      })
    },
  },
  {
    name: 'pauseConversation() marks the turn under way when it is to stop now',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      await store.commitStep(scope, world.stepCommit(lease, work, { tools: ['tool'] }))
      const input = { ...pauseInput(world, lease), now: true }
      expect(await store.pauseConversation(scope, input)).toMatchObject({ isRunning: true })
      const { conversationId } = lease
      expect(await stopsOf(world, conversationId)).toMatchObject([{ request: 'pause' }])
      const next = { lease, at: world.at(), itemsAfter: 0 }
      expect(await store.beginWork(scope, next)).toBeNull()
      expect(await stopsOf(world, conversationId)).toEqual([])
    },
  },
  {
    name: 'pauseConversation() rests a turn at once that nobody runs; resumeConversation() opens it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      await world.say(agent, 'more')
      await store.releaseLease(scope, { lease })
      const paused = await store.pauseConversation(scope, pauseInput(world, lease))
      expect(paused).toMatchObject({ runId: work.run.id, isRunning: false })
      const { conversationId: id } = lease
      expect(await openRuns(world, id)).toEqual([])
      for (let time = 0; time < 2; time += 1) {
        const resumed = await store.resumeConversation(scope, { id, at: world.at() })
        expect(resumed.state).toBe('active')
      }
      expect(await openRuns(world, id)).toEqual([work.run.id])
      expect(await claimWork(world, id)).toMatchObject({
        state: 'claimed',
        work: { turn: { id: work.turn.id, state: 'executing' }, run: work.run },
      })
    },
  },
  {
    name: 'resumeConversation() takes back a pause that was not honoured yet',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      await store.pauseConversation(scope, { ...pauseInput(world, lease), now: true })
      await store.resumeConversation(scope, { id: lease.conversationId, at: world.at() })
      expect((await world.begin(lease)).turn).toMatchObject({
        id: work.turn.id,
        state: 'executing',
        stopRequest: null,
      })
      const unknown = { id: world.id('conversation'), at: world.at() }
      await expectRefused(store.resumeConversation(scope, unknown), 'not_found')
      await expectRefused(store.pauseConversation(scope, { ...unknown, now: true }), 'not_found')
    },
  },
  {
    name: 'acceptInput() with a wish accepts behind a turn whose time to go on has come, which is carried on first',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await toWait(world, agent)
      const until = world.at() + 3_600_000
      await store.parkTurn(scope, parkInput(world, { lease, work }, timer(until)))
      const claim = { owner: 'one', at: until, until: until + 3_600_000, known: null }
      const input = world.input(agent, 'meanwhile', { claim })
      const accepted = await store.acceptInput(scope, input)
      expect(accepted).toMatchObject({ duplicate: false, run: { id: input.run.id } })
      const { conversationId } = input
      const claimed = accepted.claim ?? (await store.claimWork(scope, { ...claim, conversationId }))
      expect(claimed).toMatchObject({ state: 'claimed', work: { turn: { id: work.turn.id } } })
    },
  },
  {
    name: 'parkTurn() rests a turn until its time, and claimWork() carries it on then and not before',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work, step } = await toWait(world, agent)
      await world.say(agent, 'behind it')
      const until = world.at() + 3_600_000
      const wait = timer(until)
      const input = parkInput(world, { lease, work }, wait)
      expect(await store.parkTurn(scope, input)).toEqual({ state: 'parked' })
      await expectRefused(store.parkTurn(scope, input), 'conflict')
      const next = { lease, at: until - 1, itemsAfter: 0 }
      expect(await store.beginWork(scope, next)).toBeNull()
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({
        state: 'waiting',
        waitingFor: wait,
        wakeAt: until,
      })
      expect((await store.getRun(scope, { id: work.run.id })).metadata).toMatchObject({
        waiting_for: { kind: 'timer', until: new Date(until).toISOString() },
      })
      const { conversationId } = lease
      expect(await store.nextWakeAt(systemScope, { after: until - 1 })).toBe(until)
      expect(await openRuns(world, conversationId, until - 1)).toEqual([])
      expect(await claimWork(world, conversationId, until - 1)).toEqual({ state: 'idle' })
      expect(await openRuns(world, conversationId, until)).toEqual([work.run.id])
      const claim = await claimWork(world, conversationId, until)
      if (claim.state !== 'claimed') throw new Error('It was not woken')
      expect(claim.work).toMatchObject({
        turn: { state: 'executing', waitingFor: wait, wakeAt: null },
        run: { metadata: work.run.metadata },
        toolCalls: [{ callId: wait.callId, state: 'intended' }],
      })
      const woken = { lease: claim.lease, work }
      expect(await store.parkTurn(scope, { ...parkInput(world, woken, wait), at: until })).toEqual({
        state: 'due',
      })
      const commit = world.toolCommit({ ...step, lease: claim.lease }, 0)
      await store.commitTool(scope, { ...commit, wait: { signalId: null } })
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({ waitingFor: null })
    },
  },
  {
    name: 'parkTurn() does not rest a turn that is to be cancelled',
    async run(world) {
      const { store, scope } = world
      const { lease, work } = await toWait(world, await world.agent())
      await store.requestCancel(scope, toCancel(world, work))
      expect(await store.parkTurn(scope, parkInput(world, { lease, work }))).toEqual({
        state: 'cancelled',
      })
      await expectRefused(
        store.parkTurn(scope, parkInput(world, { lease: { ...lease, fence: 99 }, work })),
        'lease_lost',
      )
    },
  },
  {
    name: 'sendSignal() keeps signals in order, and each is used up by one wait',
    async run(world) {
      const { store, scope } = world
      const { lease, work, step } = await toWait(world, await world.agent(), 2)
      const { conversationId } = lease
      const [first, second] = [signalOf(world, lease), signalOf(world, lease)]
      await send(world, signalOf(world, lease, { name: 'other' }))
      expect(await send(world, first)).toEqual({ signal: first, duplicate: false, runId: null })
      await send(world, second)
      expect(await send(world, first)).toEqual({ signal: first, duplicate: true, runId: null })
      const input = parkInput(world, { lease, work }, forSignal)
      const found = await store.parkTurn(scope, input)
      expect(found).toEqual({ state: 'signalled', signal: first })
      const wait = { signalId: first.id }
      await store.commitTool(scope, { ...world.toolCommit(step, 0, { isLast: false }), wait })
      await expectRefused(
        store.commitTool(scope, { ...world.toolCommit(step, 1), wait }),
        'conflict',
      )
      expect(await store.parkTurn(scope, input)).toEqual({ state: 'signalled', signal: second })
      expect(await send(world, first)).toMatchObject({ signal: { payload: null }, duplicate: true })
      await expectRefused(
        send(world, { ...first, conversationId: world.id('conversation') }),
        'not_found',
      )
      await store.deleteConversation(scope, { id: conversationId })
    },
  },
  {
    name: 'sendSignal() wakes the turn that waits for its name, or has it go on after the pause',
    async run(world) {
      const { store, scope } = world
      const { lease, work } = await toWait(world, await world.agent())
      const { conversationId: id } = lease
      await store.parkTurn(scope, parkInput(world, { lease, work }, forSignal))
      await store.releaseLease(scope, { lease })
      await send(world, signalOf(world, lease, { name: 'other' }))
      expect(await openRuns(world, id)).toEqual([])
      await store.pauseConversation(scope, pauseInput(world, lease))
      expect((await send(world, signalOf(world, lease))).runId).toBe(work.run.id)
      expect(await openRuns(world, id)).toEqual([])
      await store.resumeConversation(scope, { id, at: world.at() })
      expect(await openRuns(world, id)).toEqual([work.run.id])
      expect(await store.getTurn(scope, { id: work.turn.id })).toMatchObject({
        state: 'executing',
        waitingFor: forSignal,
      })
    },
  },
]

const forSignal: TimedWait = {
  kind: 'signal',
  callId: 'call-1-0',
  since: 1,
  name: 'paid',
  until: null,
}

function timer(until: number): TimedWait {
  return { kind: 'timer', callId: 'call-1-0', since: 1, until }
}

/** A turn whose step has called a tool that is to wait. */
async function toWait(
  world: World,
  agent: Agent,
  calls = 1,
): Promise<{ readonly lease: LeaseProof; readonly work: TurnWork; readonly step: StepCommit }> {
  const { lease, work } = await world.start(agent, 'wait')
  const step = world.stepCommit(lease, work, { tools: Array.from({ length: calls }, () => 'wait') })
  await world.store.commitStep(world.scope, step)
  return { lease, work, step }
}

function parkInput(
  world: World,
  { lease, work }: { readonly lease: LeaseProof; readonly work: TurnWork },
  wait: TimedWait = timer(9e14),
): Parameters<World['store']['parkTurn']>[1] {
  return { lease, turnId: work.turn.id, wait, at: world.at() }
}

function pauseInput(
  world: World,
  { conversationId }: LeaseProof,
): Parameters<World['store']['pauseConversation']>[1] {
  return { id: conversationId, now: false, at: world.at() }
}

function toCancel(
  world: World,
  work: Pick<TurnWork, 'run' | 'turn'>,
): Parameters<World['store']['requestCancel']>[1] {
  const end = world.end(work, { status: 'cancelled', stopReason: 'cancelled' })
  return { runId: work.run.id, end, at: end.at }
}

function signalOf(world: World, lease: LeaseProof, given: Partial<Signal> = {}): Signal {
  return {
    id: world.id('signal'),
    conversationId: lease.conversationId,
    name: 'paid',
    payload: { amount: 3, by: 'Ann' },
    createdAt: world.at(),
    consumedAt: null,
    ...given,
  }
}

function send(world: World, signal: Signal): ReturnType<World['store']['sendSignal']> {
  return world.store.sendSignal(world.scope, { signal, at: world.at() })
}

function claimWork(world: World, conversationId: string, at = world.at()): Promise<WorkClaim> {
  const claim = { conversationId, owner: world.store.description.owner, at, until: at + 60_000 }
  return world.store.claimWork(world.scope, { ...claim, known: null })
}

async function openRuns(
  world: World,
  conversationId: string,
  at = world.at(),
): Promise<readonly string[]> {
  const open = await world.store.listOpenWork(systemScope, { at, limit: 1000 })
  return open.filter((work) => work.conversationId === conversationId).map(({ runId }) => runId)
}

async function stopsOf(world: World, conversationId: string): Promise<readonly unknown[]> {
  const stops = await world.store.listStopRequests(systemScope, { limit: 1000 })
  return stops.filter((stop) => stop.conversationId === conversationId)
}

function textsOf(work: TurnWork): readonly string[] {
  return messageItems(work.items).map(({ message }) => {
    const [part] = message.content
    return part?.type === 'text' ? part.text : ''
  })
}

import { hash, randomUUID } from 'node:crypto'
import type { Agent } from '../../domain/agent.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import type { Conversation } from '../../domain/conversation.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { Job } from '../../domain/job.ts'
import type { Run } from '../../domain/run.ts'
import type { Schedule } from '../../domain/schedule.ts'
import { systemScope } from '../../domain/scope.ts'
import type { LeaseProof, StepCommit, TurnWork } from '../contract/turn-store.ts'
import { askFor, type Asked } from './asked-turn.ts'
import { forgetWrite, ownersOf } from './forget-samples.ts'
import { sampleJob, sampleSchedule } from './samples.ts'
import { newFact, stateFacts } from './state-facts.ts'
import { toEntry, type World } from './world.ts'

/** A tenant that has something of everything, for others to try to reach. */
export interface Canary {
  readonly world: World
  readonly agent: Agent
  readonly block: Block
  readonly looseBlock: Block
  readonly conversation: Conversation
  readonly archive: Archive
  readonly passage: Passage
  readonly messageId: string
  /** The summary that the view of the agent's conversation begins with. */
  readonly summaryId: string
  readonly otid: string
  /** A turn under way whose last step calls a tool that has not begun. */
  readonly lease: LeaseProof
  readonly work: TurnWork
  readonly step: StepCommit
  /** The turn as it is after that step. */
  readonly next: TurnWork
  /** An agent with an input that nobody has begun. */
  readonly waiting: Agent
  /** The conversation of an imported history. */
  readonly imported: Conversation
  /** A conversation that was paused. */
  readonly pausedId: string
  /** A request for approval that nobody has answered. */
  readonly asked: Asked
  /** The failed run of a third agent. */
  readonly failed: Run
  readonly job: Job
  /** A job that was given up. */
  readonly deadJob: Job
  readonly schedule: Schedule
  readonly keyId: string
  /** The receipt of a forgetting that is about the waiting agent, and the mark of that after it. */
  readonly forgetId: string
  readonly forgetMark: string
  /** The number of an open proposal of the agent. */
  readonly proposal: number
}

/** Fills a tenant. */
export async function createCanary(world: World): Promise<Canary> {
  const { store, scope } = world
  const block = world.newBlock({ label: 'canary' })
  const agent = await world.agent({ name: 'canary' }, [block])
  const looseBlock = await world.block({ label: 'loose canary' })
  const conversation = await world.conversation(agent)
  const passage = await rememberPassage(world, agent)
  const proposal = await world.propose(agent, { canary: 'canary' })
  const otid = randomUUID()
  const { item } = await world.exchange(agent, 'canary message', 'canary answer')
  const messageId = item?.message.id ?? fail('message')
  await rememberFacts(world, agent, messageId)
  const summaryId = await compact(world, agent, (item?.position ?? 0) + 1)
  await world.say(agent, 'canary input', { clientOtids: [otid] })
  await store.spendTokens(scope, {
    agentId: agent.id,
    day: 20_000,
    tokens: 7,
    limit: null,
    mark: 9,
  })
  const lease = await world.claim(defaultConversationId(agent.id))
  const work = await world.begin(lease)
  const step = world.stepCommit(lease, work, {
    tools: ['tool'],
    text: 'canary call',
    tail: {
      kind: 'tail',
      position: work.tailPosition,
      text: 'canary tail',
      sources: [block.id],
      createdAt: world.at(),
    },
    prefix: { key: 'canary', system: 'canary prefix', builtAt: world.at(), shown: {} },
  })
  await store.commitStep(scope, step)
  const waiting = await world.agent({ name: 'waiting canary' })
  await world.say(waiting, 'canary waits')
  const archive = await store.getArchive(scope, { id: passage.archiveId })
  const imported = await importHistory(world, agent)
  const paused = await world.conversation(waiting)
  await store.pauseConversation(scope, { id: paused.id, now: false, at: world.at() })
  await sendSignal(world, conversation.id)
  const factor = { model: 'canary', perThousand: 1100, updatedAt: 5 }
  await store.putTokenFactor(scope, { factor })
  return {
    world,
    pausedId: paused.id,
    agent,
    block,
    looseBlock,
    conversation,
    imported,
    archive,
    passage,
    messageId,
    summaryId,
    otid,
    lease,
    work,
    step,
    next: await world.begin(lease),
    waiting,
    asked: await askFor(world, await world.agent({ name: 'asking canary' })),
    failed: await failTurn(world),
    job: await runJob(world),
    deadJob: await endedJobs(world),
    schedule: await createSchedule(world, agent),
    keyId: await createKey(world),
    proposal,
    ...(await forgetNothing(world, waiting)),
  }
}

/** A hash over everything that can be read of a tenant. */
export async function dump(canary: Canary): Promise<string> {
  return hash('sha256', JSON.stringify(await readAll(canary)))
}

async function readAll(canary: Canary): Promise<unknown> {
  const { store, scope } = canary.world
  const page = { limit: 1000, order: 'asc' } as const
  const agents = await store.listAgents(scope, {
    filter: { includeHidden: true },
    page: { ...page, orderBy: 'createdAt' },
  })
  const blocks = await store.listBlocks(scope, { filter: { includeHidden: true }, page })
  const runs = await store.listRuns(scope, { filter: {}, page })
  const archives = await store.listArchives(scope, { page })
  const conversations = await store.listConversations(scope, {
    archived: 'all',
    includeHidden: true,
    orderBy: 'createdAt',
    ...page,
  })
  const conversationIds = [
    ...conversations.map(({ id }) => id),
    ...agents.map(({ id }) => defaultConversationId(id)),
  ]
  return {
    agents,
    blocks,
    runs,
    archives,
    conversations: await Promise.all(conversationIds.map((id) => dumpConversation(canary, id))),
    messages: await store.listMessages(scope, page),
    versions: await Promise.all(
      blocks.map(({ id }) => store.listBlockVersions(scope, { id, limit: 99 })),
    ),
    turns: await Promise.all(runs.map(({ turnId }) => store.getTurn(scope, { id: turnId }))),
    steps: await store.listSteps(scope, { page }),
    events: await Promise.all(
      runs.map(({ id }) => store.listEvents(scope, { runId: id, after: 0, limit: 999 })),
    ),
    passages: await Promise.all(
      archives.map(({ id }) => store.listPassages(scope, { archiveId: id, ...page })),
    ),
    reachable: await Promise.all(
      agents.map(({ id }) => store.countPassages(scope, { agentId: id })),
    ),
    vectors: await Promise.all(
      archives.map(({ id }) =>
        store.countVectors(scope, { kind: 'passage', archiveId: id, model: 'canary' }),
      ),
    ),
    imports: await Promise.all(agents.map(({ id }) => store.listImports(scope, { agentId: id }))),
    changes: await Promise.all(
      agents.map(({ id }) => store.listMemoryChanges(scope, { agentId: id, limit: 999 })),
    ),
    proposals: await Promise.all(
      agents.map(({ id }) => store.listProposals(scope, { agentId: id, limit: 999 })),
    ),
    facts: await Promise.all(
      agents.map(({ id }) => store.listFacts(scope, { agentId: id, knownAt: 'ever', limit: 999 })),
    ),
    jobs: await store.listJobs(scope, { limit: 999 }),
    schedules: await store.listSchedules(scope, { page }),
    forgets: await store.listForgets(scope, { limit: 999 }),
    keys: await store.listKeys(scope),
    tokenFactor: await store.getTokenFactor(scope, { model: 'canary' }),
  }
}

async function dumpConversation({ world }: Canary, id: string): Promise<unknown> {
  const { store, scope } = world
  try {
    return {
      conversation: await store.getConversation(scope, { id }),
      items: await store.listItems(scope, { conversationId: id, fromPosition: 0, limit: 999 }),
      lease: await store.readLease(scope, { conversationId: id }),
    }
  } catch (error) {
    return String(error)
  }
}

/** Gives the canary's passage a vector, which a server without pgvector cannot keep. */
export async function addVector(canary: Canary): Promise<void> {
  const { store, scope } = canary.world
  const vector = [0, 1e-9, 1e-9 / 3]
  const item = { kind: 'passage', id: canary.passage.id, model: 'canary', vector } as const
  await store.putVectors(scope, { items: [item] })
}

async function rememberPassage(world: World, agent: Agent): Promise<Passage> {
  const tagged = world.newPassage('canary passage', { tags: ['canary'] })
  const [passage] = await world.store.createPassages(world.scope, {
    agent: { agentId: agent.id, archive: world.newArchive() },
    passages: [tagged],
    at: world.at(),
  })
  if (passage === undefined) return fail('passage')
  const edit = { passageId: passage.id, expectedVersion: 1, text: 'canary passage again' }
  const entry = toEntry(['canary', 'passage', 'again'])
  await world.store.changeMemory(
    world.scope,
    world.memoryWrite(agent, { passageEdits: [{ ...edit, tags: ['canary'], entry }] }),
  )
  return passage
}

async function compact(world: World, agent: Agent, viewFrom: number): Promise<string> {
  const lease = await world.claim(defaultConversationId(agent.id))
  const compaction = world.compaction(lease, { viewFrom })
  await world.store.commitCompaction(world.scope, compaction)
  await world.store.releaseLease(world.scope, { lease })
  return compaction.summary.message.id
}

/** One that was revised, and one that was taken back. */
async function rememberFacts(world: World, agent: Agent, messageId: string): Promise<void> {
  const [one, two] = [
    newFact(world, agent, { slot: 'canary', value: 'canary', sourceMessageIds: [messageId] }),
    newFact(world, agent, { slot: 'gone', value: 'canary gone' }),
  ]
  await stateFacts(world, agent, one, two)
  const entry = toEntry(['canary', 'fact'])
  const expected = { factId: one.id, expectedVersion: 1 }
  await world.store.changeMemory(
    world.scope,
    world.memoryWrite(agent, {
      facts: [
        { action: 'edit', ...expected, set: { value: 'canary again' }, entry },
        { action: 'delete', factId: two.id, expectedVersion: 1 },
      ],
    }),
  )
}

async function sendSignal(world: World, conversationId: string): Promise<void> {
  const at = world.at()
  const signal = { id: world.id('signal'), conversationId, name: 'canary', payload: 'canary' }
  await world.store.sendSignal(world.scope, {
    signal: { ...signal, createdAt: at, consumedAt: null },
    at,
  })
}

async function importHistory(world: World, agent: Agent): Promise<Conversation> {
  const conversation = world.conversationOf(agent)
  const { id } = conversation
  await world.store.importMessages(world.scope, {
    agentId: agent.id,
    importId: id,
    start: { conversation, messages: [] },
    messages: [world.message(agent, 'imported canary', { conversationId: id })],
    at: world.at(),
  })
  return conversation
}

async function failTurn(world: World): Promise<Run> {
  const agent = await world.agent({ name: 'failed canary' })
  const { lease, work } = await world.start(agent, 'canary fails')
  const end = world.end(work, { status: 'failed', stopReason: 'error' })
  await world.store.endTurn(world.scope, { lease, end })
  return work.run
}

async function runJob(world: World): Promise<Job> {
  const kind = randomUUID()
  const job = sampleJob({ id: world.id('job'), tenantId: world.scope.tenantId, kind })
  await world.store.enqueueJob(world.scope, { job })
  const claim = { owner: 'canary', kinds: [kind], at: 5000, leaseUntil: 9000, limit: 1 }
  const jobs = await world.store.claimJobs(systemScope, { ...claim, perTenant: 9, served: [] })
  return jobs[0] ?? fail('job')
}

/** One that is done, and the one that is returned. */
async function endedJobs(world: World): Promise<Job> {
  const { store, scope } = world
  const { tenantId } = scope
  await store.enqueueJob(scope, {
    job: sampleJob({ id: world.id('job'), tenantId, state: 'done' }),
  })
  const job = sampleJob({ id: world.id('job'), tenantId, state: 'dead' })
  return await store.enqueueJob(scope, { job })
}

async function createSchedule(world: World, agent: Agent): Promise<Schedule> {
  const conversationId = defaultConversationId(agent.id)
  const schedule = sampleSchedule({ id: world.id('schedule'), agentId: agent.id, conversationId })
  return await world.store.createSchedule(world.scope, { schedule, job: null })
}

async function forgetNothing(
  world: World,
  agent: Agent,
): Promise<Pick<Canary, 'forgetId' | 'forgetMark'>> {
  const owners = ownersOf(agent.id)
  const mark = await world.store.readForgetMark(world.scope, owners)
  const write = forgetWrite(world, { owners, mark })
  const { residue, cleaning } = { residue: null, cleaning: { log: 'emptied' } }
  const { id } = await world.store.applyForget(world.scope, write)
  const later = await world.store.readForgetMark(world.scope, owners)
  const done = forgetWrite(world, { owners, mark: later })
  await world.store.applyForget(world.scope, done)
  await world.store.finishForget(world.scope, {
    id: done.receipt.id,
    residue,
    cleaning,
    outside: [],
    at: world.at(),
  })
  return { forgetId: id, forgetMark: await world.store.readForgetMark(world.scope, owners) }
}

async function createKey(world: World): Promise<string> {
  const { tenantId, userId } = world.scope
  const key = {
    id: world.id('key'),
    tenantId,
    userId,
    name: 'canary',
    role: 'admin',
    agentIds: null,
    hint: 'canary',
    createdAt: world.at(),
    lastUsedAt: null,
    revokedAt: null,
  } as const
  await world.store.createKey(world.scope, { key, hash: randomUUID() })
  return key.id
}

function fail(what: string): never {
  throw new Error(`The canary has no ${what}`)
}

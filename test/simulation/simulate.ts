import type { CallAnswer } from '../../src/domain/approval.ts'
import type { ToolCall } from '../../src/domain/message.ts'
import type { Agent } from '../../src/domain/agent.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { openMemoryStore } from '../../src/testing/open-memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { createTestApp, type TestApp, userInput } from '../../src/testing/create-test-app.ts'
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { createNumberedIds } from '../../src/testing/numbered-ids.ts'
import { createScriptedModel } from '../../src/testing/scripted-model.ts'
import { toolId } from '../../src/tools/registry.ts'
import type { IdSource } from '../../src/util/id-source.ts'
import { type Aftermath, findBrokenPromises } from './check-invariants.ts'
import { createIncarnation, type Fault, type Incarnation } from './faulty-store.ts'
import { intervene, type Interventions, type OperatorContext, settle } from './operators.ts'
import { createSeededRandom, type SeededRandom } from './random.ts'
import { readAftermath } from './read-aftermath.ts'
import {
  atRisk,
  createObedientModel,
  createWorkload,
  createWorldTools,
  paperTool,
  signTool,
  talkative,
  type OutsideWorld,
} from './world.ts'

/** What one simulated history came to. */
export interface SimulationResult {
  readonly seed: number
  /** What went wrong on purpose, in order. */
  readonly faults: readonly string[]
  /** Promises that were broken; empty is good. */
  readonly problems: readonly string[]
  readonly aftermath: Aftermath
}

/** An input that a client sends until it is acknowledged. */
interface Input {
  readonly otid: string
  readonly text: string
  readonly agent: Agent
  isSent: boolean
}

interface History {
  readonly shared: Store
  readonly clock: FakeClock
  readonly ids: IdSource
  readonly random: SeededRandom
  readonly world: OutsideWorld
  readonly inputs: readonly Input[]
  readonly acknowledged: Map<string, string>
  readonly deadOwners: Set<string>
  readonly agents: readonly Agent[]
  readonly done: Interventions
  readonly faults: string[]
}

interface Life {
  readonly app: TestApp
  /** Whether nothing goes wrong any more. */
  readonly isLast: boolean
  readonly incarnation: Incarnation
}

const agentTools = [
  'core_memory_append',
  'archival_memory_insert',
  'conversation_search',
  'send_letter',
  signTool,
  'post_note',
  'wait',
]
const faultyLives = 3
/** Rounds after which a history that has not come to rest counts as stuck. */
const patience = 400
/**
 * Leases that end soon, as most of what a history costs is waiting for them; and how often a life looks for open turns:
 * seldom, as the clock of a history runs through minutes.
 */
const runtimeSettings = { leaseMs: 6000, renewMs: 2000, claimEveryMs: 4000 }
/** Longer than a lease lasts, in milliseconds. */
const leaseGone = 7000

/**
 * Plays one history that a seed decides: users send inputs, operators cancel, pause, resume and signal, the process dies,
 * fails, hangs or is late at some call to the store, to the model or to a tool and is started again, up to three times;
 * then nothing goes wrong any more and everything must come to rest.
 */
export async function simulate(seed: number): Promise<SimulationResult> {
  const history = await createHistory(seed)
  const lives: Life[] = []
  for (let number = 1; number <= faultyLives + 1; number += 1) {
    const life = await beginLife(history, number)
    lives.push(life)
    await live(history, life, number <= faultyLives ? 60 : patience)
    if (life.incarnation.isDead()) await bury(history, number)
    else if (number <= faultyLives) await history.clock.advance(leaseGone)
  }
  // Those that hung go on now, with leases that are long gone.
  for (const { incarnation } of lives) incarnation.wake()
  // What hung comes through first: a pause among it would else come after the last end of one.
  await history.clock.advance(1)
  const last = lives.at(-1)
  if (last === undefined) throw new Error('There was no life')
  settle(operatorsOf(history, last))
  const isQuiet = await comeToRest(history, last)
  const aftermath = await readAftermath(history)
  await history.shared.close()
  const stuck = isQuiet ? [] : ['the history does not come to rest']
  return {
    seed,
    faults: history.faults,
    problems: [...stuck, ...findBrokenPromises(aftermath)],
    aftermath,
  }
}

async function createHistory(seed: number): Promise<History> {
  const random = createSeededRandom(seed)
  const clock = createFakeClock()
  const ids = createNumberedIds()
  const shared = await openMemoryStore({ clock })
  const world: OutsideWorld = { letters: new Map() }
  const tools = createWorldTools(world, (_, run) => run())
  const setup = await createTestApp({ store: shared, clock, ids, tools })
  const toolIds = agentTools.map(toolId)
  const toolRules = [{ type: 'requires_approval', tool_name: signTool }]
  const first = await setup.createAgent({ toolIds, toolRules })
  const second = await setup.createAgent(
    { toolIds, toolRules, blockIds: first.blockIds, system: talkative, contextWindow: 3000 },
    [],
  )
  const inputs = createWorkload(random, 5).map((text) => ({
    otid: ids.uuid(),
    text,
    agent: random.pick([first, second]),
    isSent: false,
  }))
  return {
    shared,
    clock,
    ids,
    random,
    world,
    inputs,
    acknowledged: new Map(),
    deadOwners: new Set(),
    agents: [first, second],
    done: { cancelled: new Map(), pauses: [], resumes: new Map(), signals: new Set() },
    faults: [],
  }
}

async function beginLife(history: History, number: number): Promise<Life> {
  const { random, faults } = history
  const fatalCall = 1 + random.below(60)
  const kind = random.pick<Fault>([
    'crash-before',
    'crash-after',
    'error-before',
    'error-after',
    'stall',
    'delay',
  ])
  const incarnation = createIncarnation({
    shared: history.shared,
    clock: history.clock,
    owner: `life-${number}`,
    deadOwners: history.deadOwners,
    faultAt: (call, operation) => {
      if (number > faultyLives || call !== fatalCall) return null
      faults.push(`life ${number}: ${kind} at call ${call}, ${operation}`)
      return kind
    },
  })
  const { clock, ids, world } = history
  const { store, call } = incarnation
  const model = createScriptedModel({ clock, otherwise: createObedientModel(random) })
  const tools = createWorldTools(world, call)
  const models = [atRisk(model, call)]
  const app = await createTestApp({ store, clock, ids, tools, models, runtimeSettings })
  app.app.runtime.start()
  return { app, incarnation, isLast: number > faultyLives }
}

/** Lets a life go on until it dies, nothing is left to do, or its rounds are used up. */
async function live(history: History, life: Life, rounds: number): Promise<void> {
  for (const input of history.inputs) input.isSent = false
  for (let round = 0; round < rounds; round += 1) {
    if (life.incarnation.isDead()) return
    sendNext(history, life)
    await answerNext(history, life)
    const operators = operatorsOf(history, life)
    if (life.isLast) settleSometimes(operators, round)
    else intervene(operators)
    await history.clock.advance(history.random.below(300))
    if (round % 8 === 7 && (await isAtRest(history))) return
  }
}

function operatorsOf(history: History, { app }: Life): OperatorContext {
  return { ...history, app }
}

/** In the end everybody who paused something resumes it, and every signal comes. */
function settleSometimes(operators: OperatorContext, round: number): void {
  if (round < 8) intervene(operators)
  else if (round % 8 === 0) settle(operators)
}

/** A client sends an input, and sends it again, with the same otid, when it was refused or never answered. */
function sendNext(history: History, { app }: Life): void {
  const { acknowledged, random } = history
  const waiting = history.inputs.filter(({ otid, isSent }) => !isSent && !acknowledged.has(otid))
  const input = waiting[random.below(Math.max(1, waiting.length))]
  if (input === undefined) return
  input.isSent = true
  const messages = [userInput(input.text, input.otid)]
  const clientTools = [{ name: paperTool }]
  const options = { streamTokens: random.next() < 0.5, clientTools }
  app.say(input.agent, input.text, { messages, options }).then(
    () => acknowledged.set(input.otid, input.text),
    () => {
      input.isSent = false
    },
  )
}

/** Somebody answers what agents ask, sometimes twice, and sometimes not yet. */
async function answerNext({ shared, random }: History, { app }: Life): Promise<void> {
  if (random.next() < 0.6) return
  const [pending] = await shared.listPendingApprovals(defaultScope, { limit: 1 })
  if (pending === undefined) return
  const isAllowed = random.next() < 0.7
  const answers = pending.message.toolCalls.map((call) => answerTo(call, isAllowed))
  const followUps = random.next() < 0.3 ? [userInput('thank you')] : []
  const { conversationId } = pending.turn
  for (let times = random.next() < 0.3 ? 2 : 1; times > 0; times -= 1) {
    app.app.runtime
      .answer(defaultScope, { ...answerRequest, conversationId, answers, followUps })
      .catch(() => undefined)
  }
}

function answerTo({ callId, name }: ToolCall, isAllowed: boolean): CallAnswer {
  return name === paperTool
    ? { kind: 'return', callId, status: 'success', text: 'A paper.', stdout: null, stderr: null }
    : { kind: 'approval', callId, approve: isAllowed, reason: null }
}

const answerRequest = {
  otid: null,
  groupId: null,
  options: {},
  runType: 'send_message',
  background: false,
  requestConfig: {},
  requestHash: null,
  callbackUrl: null,
  isRetry: false,
} as const

async function bury({ deadOwners, clock, random }: History, number: number): Promise<void> {
  // Either others can tell that it died, or they have to wait for its lease to end.
  if (random.next() < 0.5) deadOwners.add(`life-${number}`)
  else await clock.advance(leaseGone)
}

async function comeToRest(history: History, last: Life): Promise<boolean> {
  for (let round = 0; round < patience; round += 1) {
    await history.clock.advance(500)
    await answerNext(history, last)
    if (await isAtRest(history)) return true
  }
  return false
}

async function isAtRest({ shared, acknowledged, inputs }: History): Promise<boolean> {
  if (inputs.some(({ otid }) => !acknowledged.has(otid))) return false
  const runs = await shared.listRuns(defaultScope, {
    filter: { statuses: ['created', 'running'] },
    page: { limit: 1, order: 'asc' },
  })
  const pending = await shared.listPendingApprovals(defaultScope, { limit: 1 })
  return runs.length === 0 && pending.length === 0
}

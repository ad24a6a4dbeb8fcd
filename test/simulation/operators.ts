import type { Agent } from '../../src/domain/agent.ts'
import { defaultConversationId } from '../../src/domain/identifier.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import type { TestApp } from '../../src/testing/create-test-app.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { SeededRandom } from './random.ts'

/** A time in which nothing may begin. */
export interface QuietTime {
  readonly conversationId: string
  readonly from: number
  /** When the end of the pause was asked for; null = not yet. */
  until: number | null
}

/** A pause that is asked for while an end of one is on its way may be over before it is acknowledged. */
interface ResumeCount {
  asked: number
  answered: number
}

/** What people did to runs and conversations, as far as it was acknowledged. */
export interface Interventions {
  /** When the end of a run was acknowledged, by run. */
  readonly cancelled: Map<string, number>
  /** Pauses whose conversation was at rest when they were acknowledged. */
  readonly pauses: QuietTime[]
  /** How often the end of a pause was asked for and how often it came, by conversation. */
  readonly resumes: Map<string, ResumeCount>
  /** The signals that were acknowledged, by the subject they are about. */
  readonly signals: Set<string>
}

/** What operators need. */
export interface OperatorContext {
  readonly app: TestApp
  readonly clock: Clock
  readonly random: SeededRandom
  readonly agents: readonly Agent[]
  /** What was said to whom; the subject of each input is `subject-` and its place. */
  readonly inputs: readonly { readonly agent: Agent; readonly text: string }[]
  readonly done: Interventions
}

/** Does something to a run or conversation now and then, and does not wait for it. */
export function intervene(context: OperatorContext): void {
  const { random } = context
  const dice = random.next()
  const agent = context.agents[random.below(context.agents.length)]
  if (agent === undefined) return
  const conversationId = defaultConversationId(agent.id)
  if (dice < 0.03) ignoreFailure(cancelSome(context, conversationId))
  else if (dice < 0.06) ignoreFailure(pause(context, conversationId))
  else if (dice < 0.14) ignoreFailure(resume(context, conversationId))
  else if (dice < 0.25) ignoreFailure(signal(context, random.below(context.inputs.length)))
}

/** Ends every pause and sends every signal that was not acknowledged, so that all can come to rest. */
export function settle(context: OperatorContext): void {
  for (const agent of context.agents) {
    ignoreFailure(resume(context, defaultConversationId(agent.id)))
  }
  for (const place of context.inputs.keys()) ignoreFailure(signal(context, place))
}

async function cancelSome(
  { app, clock, random, done }: OperatorContext,
  conversationId: string,
): Promise<void> {
  const runs = await app.app.store.listRuns(defaultScope, {
    filter: { conversationId, statuses: ['created', 'running'] },
    page: { limit: 10, order: 'asc' },
  })
  const run = runs[random.below(Math.max(1, runs.length))]
  if (run === undefined) return
  await app.app.runtime.cancel(defaultScope, { runId: run.id })
  done.cancelled.set(run.id, clock.now())
}

async function pause(
  { app, clock, random, done }: OperatorContext,
  conversationId: string,
): Promise<void> {
  const now = random.next() < 0.5
  const resumes = resumesOf(done, conversationId)
  const { asked, answered } = resumes
  const { isRunning } = await app.app.runtime.pause(defaultScope, { conversationId, now })
  const mayBeOver = asked > answered || resumes.asked > asked
  if (!isRunning && !mayBeOver) {
    done.pauses.push({ conversationId, from: clock.now(), until: null })
  }
}

async function resume(
  { app, clock, done }: OperatorContext,
  conversationId: string,
): Promise<void> {
  for (const quiet of done.pauses) {
    if (quiet.conversationId === conversationId) quiet.until ??= clock.now()
  }
  const resumes = resumesOf(done, conversationId)
  resumes.asked += 1
  try {
    await app.app.runtime.resume(defaultScope, { conversationId })
  } finally {
    resumes.answered += 1
  }
}

function resumesOf({ resumes }: Interventions, conversationId: string): ResumeCount {
  const known = resumes.get(conversationId) ?? { asked: 0, answered: 0 }
  resumes.set(conversationId, known)
  return known
}

/** A signal is sent again and again under its own id until it is acknowledged, as clients do. */
async function signal({ app, inputs, done }: OperatorContext, place: number): Promise<void> {
  const name = `subject-${place}`
  const input = inputs[place]
  if (input === undefined || !input.text.includes('await') || done.signals.has(name)) return
  await app.app.runtime.signal(defaultScope, {
    conversationId: defaultConversationId(input.agent.id),
    name,
    payload: `word of ${name}`,
    id: name,
  })
  done.signals.add(name)
}

/** Operators look again later; what failed is not acknowledged. */
function ignoreFailure(action: Promise<void>): void {
  action.catch(() => undefined)
}

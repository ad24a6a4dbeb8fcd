import { z } from 'zod'
import { writeTranscript } from '../../compaction/write-transcript.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { Job } from '../../domain/job.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { groupOf, handedOnPrefix, sleeptimeJobKind } from '../../domain/sleeptime.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import type { JobKind, JobOutcome } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'

const payloadSchema = z.lazy(() =>
  z.object({
    agent_id: z.string(),
    until: z.number(),
    run_ids: z.record(z.string(), z.string()).default({}),
  }),
)

/** How many messages a background agent is handed at once, as in the original; the rest follows in further runs. */
const batchSize = 50
/** How many inputs of a background agent are looked at to find what it was handed last. */
const lookedBack = 100
const laterMs = 1000

const reminder =
  'You are not the agent that talks with the user: you look after its memory in the background, in the blocks that you share with it. ' +
  'Below is what was said since you were last called. Update the blocks with what is worth keeping and is not in them yet, ' +
  'correct what has changed, then call memory_finish_edits. What you write is read by the other agent, not by the user.'

/** What {@link createSleeptimeKind} needs. */
export interface SleeptimeKindParts {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'submit'>
  readonly clock: Clock
}

/**
 * Hands what was said to the agents that look after a memory in the background, each message once and in order, as runs of
 * theirs. What was handed on last stands in the otid of the message that did it, so that it moves in the very transaction
 * that stores the run: a crash anywhere neither loses nor repeats anything.
 */
export function createSleeptimeKind(parts: SleeptimeKindParts): JobKind {
  return { name: sleeptimeJobKind, run: (job) => handOn(parts, job) }
}

async function handOn(parts: SleeptimeKindParts, job: Job): Promise<JobOutcome> {
  const { store, clock } = parts
  const scope = jobScope(job)
  if (await isBehindAnother(store, scope, job)) {
    return { result: { state: 'waits' }, again: clock.now() + laterMs }
  }
  const { agent_id: agentId, until, run_ids: wanted } = payloadSchema.parse(job.payload)
  const group = await readGroup(store, scope, agentId)
  const runIds: string[] = []
  for (const memberId of group?.memberIds ?? []) {
    runIds.push(
      ...(await handOnTo(parts, scope, { agentId, memberId, until, runId: wanted[memberId] })),
    )
  }
  return { result: { run_ids: runIds }, again: null }
}

/** The runs that a job makes first, one for each background agent: the same before and after it is done. */
export function handedOnRuns({ payload }: Pick<Job, 'payload'>): readonly string[] {
  return Object.values(payloadSchema.parse(payload).run_ids)
}

/** Whether an earlier job of the same agent is not done yet: what is handed on stays in order. */
async function isBehindAnother(store: Store, scope: TenantScope, job: Job): Promise<boolean> {
  const states = ['ready', 'running'] as const
  const jobs = await store.listJobs(scope, { states, kinds: [sleeptimeJobKind], limit: 1000 })
  return jobs.some(
    ({ id, lane, createdAt }) =>
      lane === job.lane &&
      (createdAt < job.createdAt || (createdAt === job.createdAt && id < job.id)),
  )
}

async function readGroup(
  store: Store,
  scope: TenantScope,
  agentId: string,
): Promise<ReturnType<typeof groupOf>> {
  try {
    return groupOf(await store.getAgent(scope, { id: agentId }))
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}

interface Handing {
  readonly agentId: string
  readonly memberId: string
  /** Only what was said up to this time. */
  readonly until: number
  /** The identifier that the turn named for the first run; absent in jobs of old. */
  readonly runId: string | undefined
}

async function handOnTo(
  parts: SleeptimeKindParts,
  scope: TenantScope,
  handing: Handing,
): Promise<readonly string[]> {
  const { store } = parts
  const runIds: string[] = []
  try {
    let last = await lastHandedOn(store, scope, handing.memberId)
    let runId = await unusedRunId(store, scope, handing)
    for (;;) {
      const batch =
        last === null
          ? await readNewest(store, scope, handing)
          : await readNext(store, scope, { ...handing, last })
      const newest = batch.at(-1)
      if (newest === undefined) return runIds
      last = { messageId: newest.id, createdAt: newest.createdAt }
      runIds.push(await submit(parts, scope, { memberId: handing.memberId, batch, runId }))
      runId = undefined
    }
  } catch (error) {
    // The background agent was deleted; the others go on.
    if (isAppError(error, 'not_found')) return runIds
    throw error
  }
}

/** The identifier for the first run, unless an attempt before this one has made it. */
async function unusedRunId(
  store: Pick<Store, 'getRun'>,
  scope: TenantScope,
  { runId }: Handing,
): Promise<string | undefined> {
  if (runId === undefined) return undefined
  try {
    await store.getRun(scope, { id: runId })
    return undefined
  } catch (error) {
    if (isAppError(error, 'not_found')) return runId
    throw error
  }
}

/** How far a conversation was handed on. */
interface HandedOn {
  readonly messageId: string
  readonly createdAt: number
}

/** The last message that a background agent was handed; null = none was. `not_found` when there is no such agent. */
export async function lastHandedOn(
  store: Pick<Store, 'listMessages'>,
  scope: TenantScope,
  memberId: string,
): Promise<HandedOn | null> {
  let before: string | undefined
  for (;;) {
    const inputs = await store.listMessages(scope, {
      agentId: memberId,
      conversationId: defaultConversationId(memberId),
      roles: ['user'],
      limit: lookedBack,
      order: 'desc',
      ...(before !== undefined && { before }),
    })
    const handing = inputs.findLast(({ otid }) => otid.startsWith(handedOnPrefix))
    if (handing !== undefined) {
      const [createdAt, messageId = ''] = handing.otid.slice(handedOnPrefix.length).split(':')
      return { messageId, createdAt: Number(createdAt) }
    }
    before = inputs[0]?.id
    if (inputs.length < lookedBack) return null
  }
}

const roles = ['user', 'assistant'] as const

/** What a background agent is handed first: not all that was ever said. */
async function readNewest(
  store: Store,
  scope: TenantScope,
  { agentId, until }: Handing,
): Promise<readonly Message[]> {
  const found = await store.listMessages(scope, { agentId, roles, limit: batchSize, order: 'desc' })
  return found.filter((message) => isSaid(message, { until }))
}

/** What was said after the last message that was handed on, which may be forgotten by now. */
async function readNext(
  store: Store,
  scope: TenantScope,
  { agentId, until, last }: Handing & { readonly last: HandedOn },
): Promise<readonly Message[]> {
  const isStored = (await store.getMessages(scope, { ids: [last.messageId] })).length > 0
  const since = isStored ? Number.NEGATIVE_INFINITY : last.createdAt
  let after = isStored ? last.messageId : undefined
  for (;;) {
    const place = after === undefined ? {} : { after }
    const page = { agentId, roles, limit: batchSize, order: 'asc', ...place } as const
    const found = await store.listMessages(scope, page)
    const said = found.filter((message) => message.createdAt > since && isSaid(message, { until }))
    if (said.length > 0 || found.length < batchSize) return said
    after = found.at(-1)?.id
  }
}

/** Whether a message belongs to a turn up to a time: what was imported is no news. */
function isSaid({ runId, createdAt }: Message, { until }: Pick<Handing, 'until'>): boolean {
  return runId !== null && createdAt <= until
}

async function submit(
  { runtime }: SleeptimeKindParts,
  scope: TenantScope,
  {
    memberId,
    batch,
    runId,
  }: {
    readonly memberId: string
    readonly batch: readonly Message[]
    readonly runId: string | undefined
  },
): Promise<string> {
  const transcript = writeTranscript(batch).join('\n')
  const last = batch.at(-1)
  const { run } = await runtime.submit(scope, {
    conversationId: defaultConversationId(memberId),
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: `${reminder}\n\n${transcript}` }],
        name: null,
        otid: `${handedOnPrefix}${last?.createdAt ?? 0}:${last?.id ?? ''}`,
        senderId: null,
        groupId: null,
      },
    ],
    options: {},
    runType: 'sleeptime',
    background: true,
    callbackUrl: null,
    requestConfig: {},
    requestHash: null,
    isRetry: false,
    rejectBusy: false,
    urgency: 'planned',
    ...(runId !== undefined && { runId }),
  })
  return run.id
}

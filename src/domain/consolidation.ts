import { namedIdentifier } from './identifier.ts'
import { type Job, newJob } from './job.ts'

/** When an agent's memory is tidied by itself, and what a model may take for its part; with all fields null neither is done. */
export interface ConsolidationPolicy {
  /** After so many turns of the agent, from 1; null = their number does not matter. */
  readonly everyTurns: number | null
  /** After so many minutes without a turn, from 1; null = rest does not matter. */
  readonly afterIdleMinutes: number | null
  /** How many tokens of a day (UTC) a model may take to look for more than rules find; null = none is asked. */
  readonly tokensPerDay: number | null
  /** The handle of that model; null = the agent's own. */
  readonly model: string | null
}

/** The policy of an agent that has none. */
export const neverConsolidated: ConsolidationPolicy = {
  everyTurns: null,
  afterIdleMinutes: null,
  tokensPerDay: null,
  model: null,
}

/** The policy of an agent; what is stored may be of before a model took part. */
export function policyOf(agent: {
  readonly consolidation: Partial<ConsolidationPolicy> | null
}): ConsolidationPolicy {
  return { ...neverConsolidated, ...agent.consolidation }
}

/** The least budget of a day: enough for a call. */
export const leastTokensPerDay = 5000

/** What came of asking a model. */
export interface ConsolidatorReport {
  /**
   * `off`: there is no budget; `not-asked`: nobody wanted it; `unchanged`: it has seen this memory, or there is nothing to
   * compare; `spent`: the budget of the day is used up; `failed`: it changed nothing, for the reason given; `asked`.
   */
  readonly state: 'off' | 'not-asked' | 'unchanged' | 'spent' | 'failed' | 'asked'
  /** A sentence, without any word of memory or of the model; null where the state says it all. */
  readonly reason: string | null
  /** How many suggestions were dropped, as something would have been lost. */
  readonly refused: number
  /** Tokens of this call. */
  readonly tokens: number
  /** Tokens of today with those of this call. */
  readonly usedToday: number
  readonly tokensPerDay: number | null
}

/** The kind of the jobs that tidy an agent's memory. */
export const consolidationJobKind = 'consolidate'

/** Whom changes name that such a job made. */
export const consolidationActor = { kind: 'system', id: 'sleep-time' } as const

/** A turn that ends. */
export interface EndedTurn {
  readonly tenantId: string
  readonly agentId: string
  readonly turnId: string
  readonly at: number
}

/** A job that is stored with the end of a turn, if it is the turn's turn. */
export interface EndJob {
  readonly job: Job
  /** It is stored with every so many turns that the agent has ended, this one included. */
  readonly every: number
  /** The number of turns that are not counted. Default: 0. */
  readonly after?: number
}

const minuteMs = 60_000

/** The jobs that a policy wants stored with the end of a turn. */
export function consolidationJobs(
  policy: ConsolidationPolicy | null,
  turn: EndedTurn,
): readonly EndJob[] {
  if (policy === null) return []
  const { everyTurns, afterIdleMinutes } = policy
  return [
    ...(everyTurns === null ? [] : [{ job: toJob(turn, { idleMs: null }), every: everyTurns }]),
    ...(afterIdleMinutes === null
      ? []
      : [{ job: toJob(turn, { idleMs: afterIdleMinutes * minuteMs }), every: 1 }]),
  ]
}

/** A turn ends once, so its identifier makes the job's. */
function toJob(
  { tenantId, agentId, turnId, at }: EndedTurn,
  { idleMs }: { readonly idleMs: number | null },
): Job {
  return newJob({
    id: namedIdentifier(
      'job',
      `${consolidationJobKind}:${turnId}:${idleMs === null ? 'turns' : 'idle'}`,
    ),
    tenantId,
    lane: agentId,
    kind: consolidationJobKind,
    payload: { agent_id: agentId, idle_since: idleMs === null ? null : at },
    maxAttempts: 5,
    at,
    ...(idleMs !== null && { runAt: at + idleMs }),
  })
}

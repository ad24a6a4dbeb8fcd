import type { JsonObject } from '../util/json.ts'
import type { Agent } from './agent.ts'
import type { EndedTurn, EndJob } from './consolidation.ts'
import { namedIdentifier, uuidOf } from './identifier.ts'
import { newJob } from './job.ts'

/** The agents that look after another one's memory in the background, and how often. It is part of the agent they serve. */
export interface SleeptimeGroup {
  /** The agents that work in the background, in order. */
  readonly memberIds: readonly string[]
  /** After the first turn and then after so many, from 1; null = after each. */
  readonly frequency: number | null
  readonly isEnabled: boolean
  readonly description: string
}

/** The kind of the jobs that hand a conversation on to the agents in the background. */
export const sleeptimeJobKind = 'sleeptime'

/** The frequency of new groups, as in the original. */
export const defaultFrequency = 5

/** What the otid of a message begins with that hands on a conversation; the time and id of the last message handed on follow. */
export const handedOnPrefix = 'sleeptime:'

/** The filter by which agents with a group are found. */
export const managerFilter = { sleeptime_role: 'manager' } as const

/** An agent has at most one group, so its identifier makes the group's. */
export function groupIdOf(managerId: string): string {
  return `group-${uuidOf(managerId)}`
}

/** The agent that a group belongs to. */
export function managerIdOf(groupId: string): string {
  return `agent-${uuidOf(groupId)}`
}

/** The group of an agent; null when it has none. */
export function groupOf({ extra }: Pick<Agent, 'extra'>): SleeptimeGroup | null {
  const group = extra['sleeptime']
  if (extra['sleeptime_role'] !== managerFilter.sleeptime_role) return null
  // Only `withGroup` writes the field.
  return group as unknown as SleeptimeGroup
}

/** The agent that a background agent serves; null when it serves none. */
export function servedBy({ extra }: Pick<Agent, 'extra'>): string | null {
  const managerId = extra['sleeptime_manager_id']
  return typeof managerId === 'string' ? managerId : null
}

/** The stored fields of an agent with a group, or without one any more. */
export function withGroup(extra: JsonObject, group: SleeptimeGroup | null): JsonObject {
  const { sleeptime: _group, sleeptime_role: _role, ...others } = extra
  if (group === null) return others
  return { ...others, ...managerFilter, sleeptime: { ...group, memberIds: [...group.memberIds] } }
}

/** The stored fields of an agent that serves another one in the background. */
export function asMember(extra: JsonObject, managerId: string): JsonObject {
  return { ...extra, sleeptime_manager_id: managerId }
}

/** The run that a turn opens at each background agent, by agent: known before it is made, so that the turn can name it. */
function runIdsOf({ memberIds }: SleeptimeGroup, turnId: string): Record<string, string> {
  return Object.fromEntries(
    memberIds.map((id) => [id, namedIdentifier('run', `${sleeptimeJobKind}:${turnId}:${id}`)]),
  )
}

/** The job that is stored with the end of a turn of an agent with a group: with the first, and then with every so many. */
export function sleeptimeJobs(
  agent: Pick<Agent, 'id' | 'extra'>,
  { tenantId, turnId, at }: Omit<EndedTurn, 'agentId'>,
): readonly EndJob[] {
  const group = groupOf(agent)
  if (group === null || !group.isEnabled) return []
  const job = newJob({
    id: namedIdentifier('job', `${sleeptimeJobKind}:${turnId}`),
    tenantId,
    lane: agent.id,
    kind: sleeptimeJobKind,
    payload: { agent_id: agent.id, until: at, run_ids: runIdsOf(group, turnId) },
    maxAttempts: 8,
    at,
  })
  return [{ job, every: group.frequency ?? 1, after: 1 }]
}

import { z } from 'zod'
import type { Agent } from '../domain/agent.ts'
import { groupIdOf, type SleeptimeGroup } from '../domain/sleeptime.ts'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { pageShape } from './query.ts'

/** A group with the agent it belongs to. */
export interface GroupView {
  readonly agent: Agent
  readonly group: SleeptimeGroup
  /** The last message that was handed to its agents; null = none was. */
  readonly lastProcessedId: string | null
}

const managerTypes = [
  'round_robin',
  'supervisor',
  'dynamic',
  'sleeptime',
  'voice_sleeptime',
  'swarm',
] as const

/** The query of a list of groups. */
export const groupListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 50, order: 'asc' }),
    manager_type: z.enum(managerTypes).optional(),
    project_id: z.string().optional(),
  }),
)

/** A new group; those of sleep-time agents come with their agent. */
export const createGroupSchema = z.lazy(() =>
  z.object({
    manager_config: z
      .object({ manager_type: z.enum(managerTypes) })
      .loose()
      .optional(),
  }),
)

/** Changes of a group. */
export const updateGroupSchema = z.lazy(() =>
  z.object({
    agent_ids: optional(z.array(z.string())),
    description: optional(z.string()),
    manager_config: optional(
      z.object({
        manager_type: z.enum(managerTypes),
        sleeptime_agent_frequency: z.int().min(1).max(1_000_000).nullable().optional(),
      }),
    ),
  }),
)

/**
 * How many turns ended since the background agents were called last, as the original counts: -1 before the first, 0 after each
 * turn that called them.
 */
function turnsCounter({ turnCount }: Agent, { frequency }: SleeptimeGroup): number {
  return turnCount === 0 ? -1 : (turnCount - 1) % (frequency ?? 1)
}

/** A group as the wire shows it. */
export function encodeGroup({ agent, group, lastProcessedId }: GroupView): JsonObject {
  return {
    id: groupIdOf(agent.id),
    manager_type: 'sleeptime',
    agent_ids: [...group.memberIds],
    description: group.description,
    project_id: agent.extra['project_id'] ?? null,
    template_id: null,
    base_template_id: null,
    deployment_id: null,
    shared_block_ids: [],
    manager_agent_id: agent.id,
    termination_token: null,
    max_turns: null,
    sleeptime_agent_frequency: group.frequency,
    turns_counter: turnsCounter(agent, group),
    last_processed_message_id: lastProcessedId,
    max_message_buffer_length: null,
    min_message_buffer_length: null,
    hidden: null,
  }
}

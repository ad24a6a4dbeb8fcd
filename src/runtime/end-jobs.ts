import { consolidationJobs, type EndJob } from '../domain/consolidation.ts'
import { sleeptimeJobs } from '../domain/sleeptime.ts'
import type { ActiveTurn } from './turn-state.ts'

/** What is to be done after a turn besides, stored in the transaction of its end. */
export function endJobs({ scope, work }: ActiveTurn, at: number): readonly EndJob[] {
  const { agent, turn } = work
  const ended = { tenantId: scope.tenantId, agentId: agent.id, turnId: turn.id, at }
  return [...consolidationJobs(agent.consolidation, ended), ...sleeptimeJobs(agent, ended)]
}

import { AppError } from '../../errors/app-error.ts'

/** The error for an agent that is to get a second group. */
export function hasGroup(agentId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot give the agent ${agentId} a sleep-time agent: it has one. Read it again.`,
    { data: { reason: 'group' } },
  )
}

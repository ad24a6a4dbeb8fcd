import { changeName, type MemoryProposal } from '../../domain/memory-change.ts'
import { AppError } from '../../errors/app-error.ts'

/** The error for settling a proposal a second time. */
export function proposalSettled({ number, state }: MemoryProposal): AppError {
  return new AppError(
    'conflict',
    `Cannot settle the proposal ${changeName(number)}: it is ${state}. List the open ones.`,
    { data: { reason: 'proposal_settled', proposal: changeName(number), state } },
  )
}

import { AppError } from '../../errors/app-error.ts'

/** The error for a second block with the same label on one agent. */
export function labelTaken(label: string, blockIds: readonly string[]): AppError {
  return new AppError(
    'conflict',
    `Cannot attach two blocks with the label ${JSON.stringify(label)} to one agent: the label names a block in its memory. Rename or detach one of them.`,
    { data: { reason: 'label_taken', label, block_ids: blockIds } },
  )
}

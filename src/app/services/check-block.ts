import { countCodePoints, type Block } from '../../domain/block.ts'
import { AppError } from '../../errors/app-error.ts'

/**
 * Refuses a block whose value is longer than its limit.
 *
 * @throws AppError `block_limit_exceeded` (data: `length`, `limit`).
 */
export function checkBlockLimit(block: Pick<Block, 'label' | 'value' | 'limit'>): void {
  const length = countCodePoints(block.value)
  if (length <= block.limit) return
  throw new AppError(
    'block_limit_exceeded',
    `Cannot save block "${block.label}": its value has ${length} characters and its limit is ${block.limit}. Shorten the value or raise the limit.`,
    { data: { length, limit: block.limit } },
  )
}

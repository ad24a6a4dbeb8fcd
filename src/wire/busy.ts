import { AppError } from '../errors/app-error.ts'

/**
 * Whether the header `x-letta-busy`, which is ours, asks for refusal by a busy conversation; undefined = nothing was asked.
 *
 * @throws AppError `invalid_argument` for any other word than `queue` and `reject`.
 */
export function decodeBusy(header: string | undefined): boolean | undefined {
  if (header === undefined) return undefined
  const word = header.trim().toLowerCase()
  if (word === 'queue' || word === 'reject') return word === 'reject'
  throw new AppError(
    'invalid_argument',
    'Cannot read the header x-letta-busy: it says neither queue nor reject. Send one of the two, or leave it out.',
    { data: { header: 'x-letta-busy', allowed: ['queue', 'reject'] } },
  )
}

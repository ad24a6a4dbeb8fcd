import { AppError } from '../../errors/app-error.ts'

/** The error for an edit computed from a version that is no longer the current one. */
export function versionConflict(
  itemId: string,
  versions: { readonly expected: number; readonly current: number | null },
): AppError {
  return new AppError(
    'conflict',
    `Cannot change the ${itemId.split('-', 1).join()} ${itemId}: it was changed since version ${versions.expected}. Read it again and repeat the change.`,
    {
      data: {
        reason: 'version',
        block_id: itemId,
        expected_version: versions.expected,
        current_version: versions.current,
      },
    },
  )
}

import { errorMessage } from './app-error.ts'

/** What the errors of the file system that people meet mean, by their codes. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it may not be accessed',
  EBUSY: 'another program uses it',
  EDQUOT: 'the disk is full',
  EEXIST: 'a file of that name is there',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  EPERM: 'it may not be accessed',
  EROFS: 'the disk is read-only',
}

/** An error of the operating system, as Node throws it. */
export interface SystemError extends Error {
  /** Such as `ENOENT`. */
  readonly code: string
  readonly syscall: string
  /** What was being used, where the call was about a path. */
  readonly path?: string
}

/** Whether a thrown value is an error of the operating system. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    'code' in error &&
    typeof error.code === 'string'
  )
}

/** Why something failed, in words that fit after a colon; the message of the error where there are none for it. */
export function systemReason(error: unknown): string {
  return (isSystemError(error) ? reasons[error.code] : undefined) ?? errorMessage(error)
}

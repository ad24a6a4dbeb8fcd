import { AppError } from '../../errors/app-error.ts'

/** The error for a message that comes again after it was forgotten. */
export function inputForgotten(): AppError {
  return new AppError(
    'gone',
    'Cannot accept this message: it was accepted before and forgotten since. Send it with another otid to say it anew.',
    { data: { reason: 'forgotten' } },
  )
}

import { expect, test } from 'vitest'
import { LettaError } from '../../sdk/src/errors.ts'
import { describeError } from './describe-error.ts'

test('an interrupted command ends with 130, and says what became of the message', () => {
  const before = new LettaError('aborted', 'The request was cancelled.')
  expect(describeError(before)).toEqual({ message: 'Interrupted.', exitCode: 130 })
  const after = new LettaError('aborted', 'The request was cancelled.', { runId: 'run-1' })
  expect(describeError(after)).toEqual({
    message: 'Interrupted. The message is stored; `letta retry` goes on with it.',
    exitCode: 130,
  })
})

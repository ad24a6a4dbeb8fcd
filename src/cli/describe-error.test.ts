import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
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

test('a request that is malformed is told in sentences', () => {
  const failed = (message: string) => describeError(new LettaError('validation_failed', message))
  expect(
    failed(
      `[{'type': 'string_pattern_mismatch', 'loc': ('path', 'fact_id'), 'msg': "String should match pattern 'fact-{uuid4}'", 'input': 'x'}]`,
    ).message,
  ).toBe(`Cannot use 'x' as fact id: String should match pattern 'fact-{uuid4}'.`)
  expect(
    failed(
      `[{'type': 'value_error', 'loc': ('query', 'change'), 'msg': 'Value error, Input should be the name of a change, such as m-12', 'input': 'no'}, {'type': 'missing', 'loc': ('body', 'text'), 'msg': 'Field required', 'input': {'a': 1}}]`,
    ).message,
  ).toBe(
    `Cannot use 'no' as change: Input should be the name of a change, such as m-12. Cannot use {'a': 1} as text: Field required.`,
  )
  const refused = (place: string, reason: string) =>
    failed(`[{'type': 'value_error', 'loc': (${place}), 'msg': '${reason}', 'input': 'zz'}]`)
      .message
  expect(refused("'path',", 'Input should be a name')).toBe(
    `Cannot use 'zz': Input should be a name.`,
  )
  expect(refused("'body', 'at'", `String should match ${'x'.repeat(200)}`)).toBe(
    `Cannot use 'zz' as at: it does not have the form that is expected.`,
  )
  expect(failed('Messages must not be empty').message).toBe('Messages must not be empty.')
})

test('an error of the file system that nobody caught is told in words', () => {
  const path = `${import.meta.filename}/x`
  expect(describeError(thrownBy(() => readFileSync(path)))).toEqual({
    message: `Cannot open ${path}: a part of its path is a file. Check the path and its permissions.`,
    exitCode: 1,
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

import { expect, test } from 'vitest'
import { toOpenFailure } from './embedded.ts'

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

test('a Node without the embedded database is told from a package that is not installed', () => {
  const old = withCode('ERR_UNKNOWN_BUILTIN_MODULE', 'No such built-in module: node:sqlite')
  expect(toOpenFailure(old)).toMatchObject({
    code: 'product_missing',
    message: expect.stringContaining('is too old, 24.12 or newer is needed'),
  })
  const missing = withCode('ERR_MODULE_NOT_FOUND', "Cannot find package 'letta-ts'")
  expect(toOpenFailure(missing)).toMatchObject({
    code: 'product_missing',
    message: expect.stringContaining('not installed'),
  })
})

test('a defect of the product comes back as it is', () => {
  const defect = new TypeError('x is not a function')
  expect(toOpenFailure(defect)).toBe(defect)
})

import { expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { timeSchema } from './time.ts'
import { decodeRequest } from './validation.ts'

const schema = z.strictObject({
  name: z.string(),
  count: z.int().min(1).max(5).optional(),
  share: z.number().positive().optional(),
  kind: z.enum(['a', 'b', 'c']).optional(),
  only: z.literal('x').optional(),
  id: z.string().regex(/^a\d$/).optional(),
  list: z.array(z.string().min(2)).min(1).optional(),
  either: z.union([z.string(), z.array(z.strictObject({ text: z.string() }))]).optional(),
  at: timeSchema.optional(),
})

test.each([
  [{}, "[{'type': 'missing', 'loc': ('body', 'name'), 'msg': 'Field required', 'input': None}]"],
  [
    { name: 1 },
    "'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': 1",
  ],
  [
    { name: '', colour: 'red' },
    "'type': 'extra_forbidden', 'loc': ('body', 'colour'), 'msg': 'Extra inputs are not permitted', 'input': 'red'",
  ],
  [
    { name: '', count: 0 },
    "'type': 'greater_than_equal', 'loc': ('body', 'count'), 'msg': 'Input should be greater than or equal to 1', 'input': 0",
  ],
  [
    { name: '', share: 0 },
    "'type': 'greater_than', 'loc': ('body', 'share'), 'msg': 'Input should be greater than 0'",
  ],
  [{ name: '', count: 9 }, 'Input should be less than or equal to 5'],
  [{ name: '', count: 1.5 }, "'type': 'int_type'"],
  [
    { name: '', kind: 'd' },
    `'type': 'enum', 'loc': ('body', 'kind'), 'msg': "Input should be 'a', 'b' or 'c'", 'input': 'd'`,
  ],
  [
    { name: '', only: 'y' },
    `'type': 'literal_error', 'loc': ('body', 'only'), 'msg': "Input should be 'x'"`,
  ],
  [{ name: '', id: 'b' }, String.raw`"String should match pattern '^a\\d$'"`],
  [
    { name: '', list: [] },
    "'type': 'too_short', 'loc': ('body', 'list'), 'msg': 'List should have at least 1 items', 'input': []",
  ],
  [
    { name: '', list: ['ab', 'a'] },
    "'loc': ('body', 'list', 1), 'msg': 'String should have at least 2 characters'",
  ],
  [{ name: '', either: [{ text: 5 }] }, "'loc': ('body', 'either'"],
  [
    { name: '', at: 'soon' },
    "'loc': ('body', 'at'), 'msg': 'Input should be a valid datetime, such as 2026-11-22T18:00:00Z', 'input': 'soon'",
  ],
  [null, "'loc': ('body',), 'msg': 'Input should be a valid dictionary', 'input': None"],
])('decodeRequest() tells what is wrong with %o', (value, text) => {
  const decode = (): unknown => decodeRequest(schema, value, 'body')
  expect(decode).toThrow(AppError)
  expect(decode).toThrow(text)
})

test('decodeRequest() names every issue at once', () => {
  expect(() => decodeRequest(schema, { name: 1, kind: 'd', colour: 1 }, 'query')).toThrow(
    /\('query', 'name'\).*\('query', 'kind'\).*\('query', 'colour'\)/,
  )
})

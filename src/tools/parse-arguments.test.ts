import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseArguments } from './parse-arguments.ts'

const tool = {
  name: 'probe',
  parameters: z.object({
    label: z.string(),
    count: z.int().default(1),
    loud: z.boolean().optional(),
    tags: z.array(z.enum(['a', 'b'])).optional(),
  }),
}

describe('parseArguments()', () => {
  test.each([
    ['a plain object', '{"label":"x","count":2}', { label: 'x', count: 2 }],
    ['defaults', '{"label":"x"}', { label: 'x', count: 1 }],
    ['JSON inside a JSON string', '"{\\"label\\":\\"x\\"}"', { label: 'x', count: 1 }],
    [
      'null for an argument left out',
      '{"label":"x","tags":null,"count":null}',
      { label: 'x', count: 1 },
    ],
    [
      'values written as strings',
      '{"label":"7","count":"3","loud":"true","tags":"[\\"a\\"]"}',
      { label: '7', count: 3, loud: true, tags: ['a'] },
    ],
    ['one value for a list', '{"label":"x","tags":"b"}', { label: 'x', count: 1, tags: ['b'] }],
    [
      'unknown arguments, ignored',
      '{"label":"x","request_heartbeat":true}',
      { label: 'x', count: 1 },
    ],
  ])('takes %s', (_, text, value) => {
    expect(parseArguments(tool, text)).toEqual({ ok: true, value })
  })

  test.each(['', '  ', 'null', '{}', '""'])('reads %j as no arguments', (text) => {
    expect(parseArguments({ name: 'none', parameters: z.object({}) }, text)).toEqual({
      ok: true,
      value: {},
    })
  })

  const form =
    'Call it again with a JSON object like {"label": string, "count"?: integer, "loud"?: boolean, "tags"?: list of "a" | "b"}.'

  test.each([
    ['a missing argument', '{}', 'label: '],
    ['a wrong type', '{"label":"x","count":"many"}', 'count: '],
    ['a wrong choice', '{"label":"x","tags":["c"]}', 'tags.0: '],
    ['null for a required argument', '{"label":null}', 'label: '],
    ['broken JSON', '{"label":', 'they are not valid JSON ('],
    ['a list', '[1]', 'they are not a JSON object'],
    ['a number', '5', 'they are not a JSON object'],
    ['a bare text', '"hello"', 'they are not valid JSON'],
  ])('refuses %s with what the tool takes', (_, text, problem) => {
    const result = parseArguments(tool, text)
    expect(result.ok).toBe(false)
    const error = result.ok ? '' : result.error
    expect(error).toMatch(/^Cannot call probe: its arguments do not fit, /)
    expect(error).toContain(problem)
    expect(error).toContain(form)
  })
})

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from './define-tool.ts'
import { parseArguments, toToolSchema } from './registry.ts'
import type { ToolContext } from './tool.ts'

const context = {} as ToolContext

const valid = {
  name: 'look_up',
  description: 'Looks something up.',
  parameters: z.object({ city: z.string() }),
  replay: 'read-only' as const,
  run: ({ city }: { city: string }) => `It rains in ${city}.`,
}

describe('defineTool()', () => {
  test('makes a custom tool that runs alone and whose text is what the model reads', async () => {
    const tool = defineTool(valid)
    expect(tool).toMatchObject({ kind: 'action', toolType: 'custom', parallel: false, tags: [] })
    expect(await tool.run({ city: 'Oslo' }, context)).toEqual({ text: 'It rains in Oslo.' })
  })

  test('shows the model a JSON Schema as it was given, and checks calls against it', () => {
    const parameters = {
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1, description: 'How many' } },
      required: ['count'],
    }
    const tool = defineTool({ ...valid, parameters, run: () => 'ok' })
    expect(toToolSchema(tool).parameters).toEqual(parameters)
    expect(parseArguments(tool, '{"count":2}')).toEqual({ ok: true, value: { count: 2 } })
    expect(parseArguments(tool, '{"count":0}')).toMatchObject({ ok: false })
  })

  test('refuses a return that is no text', async () => {
    const tool = defineTool({ ...valid, run: (() => 7) as unknown as () => string })
    await expect(tool.run({ city: 'Oslo' }, context)).rejects.toThrow(
      'Cannot use what look_up returned: it is neither a text nor an object with one.',
    )
  })

  test.each([
    ['a name with a space', { ...valid, name: 'look up' }, 'name must be a word'],
    ['no description', { ...valid, description: ' ' }, 'description must not be empty'],
    ['another replay', { ...valid, replay: 'twice' }, 'replay must be read-only'],
    ['no function', { ...valid, run: 'x' }, 'run must be a function'],
    ['no parameters', { ...valid, parameters: null }, 'parameters must be a zod schema'],
    ['parameters of a list', { ...valid, parameters: z.array(z.string()) }, 'describe an object'],
    ['a schema of zod 3', { ...valid, parameters: { _def: {} } }, 'of zod 3'],
    ['a date', { ...valid, parameters: z.object({ at: z.date() }) }, 'cannot be used'],
    ['nothing', null, 'without a name'],
  ])('refuses %s with a sentence', (_case, definition, part) => {
    expect(() => defineTool(definition as unknown as typeof valid)).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message: expect.stringContaining(part),
      }),
    )
  })
})

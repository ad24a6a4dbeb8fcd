import { expect, test } from 'vitest'
import { toolsJson } from './tools-json.ts'

test('toolsJson() writes what JSON.stringify() writes, the first time and again', () => {
  const parameters = {
    type: 'object',
    properties: { text: { type: 'string', description: '“a”\n' } },
  }
  const tools = ['one', 'two'].map((name) => ({ name, description: `It's "${name}".`, parameters }))
  for (const list of [[], tools, tools, tools.slice(1), tools.toReversed()]) {
    expect(toolsJson(list)).toBe(JSON.stringify(list))
  }
})

import { expect, test } from 'vitest'
import { toolsJson, WrittenTool } from './tools-json.ts'

test('toolsJson() writes what JSON.stringify() writes, the first time and again', () => {
  const parameters = {
    type: 'object',
    properties: { text: { type: 'string', description: '“a”\n' } },
  }
  const tools = ['one', 'two'].map((name) => ({ name, description: `It's "${name}".`, parameters }))
  for (const list of [[], tools, tools, tools.slice(1), tools.toReversed()]) {
    const written = list.map((tool) => new WrittenTool(tool))
    for (const given of [list, written, written]) {
      expect(toolsJson(given)).toBe(JSON.stringify(list))
    }
  }
})

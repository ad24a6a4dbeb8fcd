import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { agentTypes } from '../domain/agent.ts'
import { identifierPattern } from '../domain/identifier.ts'
import { chatToolNames, defaultToolNames } from './default-tools.ts'
import { createToolRegistry, toToolSchema, toolId } from './registry.ts'

const registry = createToolRegistry()

describe('createToolRegistry()', () => {
  test('carries the tools of the original server with their arguments, and ours', () => {
    const signatures = registry.list.map((tool) => {
      const { properties, required } = toToolSchema(tool).parameters
      const names = Object.keys(properties ?? {})
      const optional = names.filter((name) => !(Array.isArray(required) && required.includes(name)))
      return `${tool.name}(${names.map((name) => (optional.includes(name) ? `${name}?` : name)).join(', ')})`
    })
    expect(signatures).toEqual([
      'send_message(message)',
      'conversation_search(query?, roles?, limit?, page?, start_date?, end_date?)',
      'expand_summary(summary_id?, after?, limit?)',
      'archival_memory_insert(content, tags?)',
      'archival_memory_search(query, tags?, tag_match_mode?, top_k?, page?, start_datetime?, end_datetime?)',
      'core_memory_append(label, content)',
      'core_memory_replace(label, old_content, new_content)',
      'memory_replace(label, old_string, new_string)',
      'memory_insert(label, new_string, insert_line?)',
      'memory_rethink(label, new_memory)',
      'memory_finish_edits()',
      'memory(command, path?, file_text?, description?, old_string?, new_string?, insert_line?, insert_text?, old_path?, new_path?)',
      'memory_apply_patch(label, patch)',
      'remember_fact(attribute, value, subject?, since?, until?, additional?, correction?)',
      'recall_facts(query?, subject?, attribute?, as_of?, known_at?, history?, limit?, page?)',
      'standing_instructions(command, instruction?, until?)',
      'timeline(query?, from?, to?, newest_first?, limit?, page?)',
      'wait(seconds?, until?, signal?)',
    ])
  })

  test('finds a tool by name and by an identifier that is the same everywhere', () => {
    const tool = registry.get('memory_insert')
    expect(tool?.name).toBe('memory_insert')
    expect(toolId('memory_insert')).toMatch(identifierPattern('tool'))
    expect(registry.getById(toolId('memory_insert'))).toBe(tool)
    expect(registry.get('nothing')).toBeNull()
    expect(registry.getById('tool-nothing')).toBeNull()
  })

  test('adds the tools of an operator and refuses a name that is taken', () => {
    const [first] = registry.list
    if (first === undefined) throw new Error('no tools')
    expect(createToolRegistry([{ ...first, name: 'mine' }]).get('mine')?.name).toBe('mine')
    expect(() => createToolRegistry([first])).toThrow(/Cannot register tool send_message/)
  })

  test.each(registry.list)(
    'has the arguments of $name written down as its schema gives them',
    (tool) => {
      expect(JSON.stringify(registry.schemaOf(tool))).toBe(JSON.stringify(toToolSchema(tool)))
    },
  )

  test('makes the schema of a tool that only looks like a built-in one', () => {
    const wait = registry.get('wait')
    if (wait === null) throw new Error('no tools')
    const other = { ...wait, parameters: z.object({ text: z.string() }) }
    expect(registry.schemaOf(other)).toEqual(toToolSchema(other))
  })

  test('computes each schema once', () => {
    const [first] = registry.list
    if (first === undefined) throw new Error('no tools')
    expect(registry.schemaOf(first)).toBe(registry.schemaOf(first))
    expect(registry.schemaOf(first)).toEqual(toToolSchema(first))
  })
})

describe('toToolSchema()', () => {
  test('gives plain JSON Schema that every provider takes', () => {
    for (const tool of registry.list) {
      const schema = toToolSchema(tool)
      const text = JSON.stringify(schema)
      expect(text).not.toMatch(/\$schema|additionalProperties|9007199254740991|anyOf/)
      expect(schema.parameters).toMatchObject({
        type: 'object',
        properties: {},
        required: expect.any(Array),
      })
      expect(JSON.stringify(toToolSchema(tool))).toBe(text)
    }
  })

  test('describes every argument whose name does not say all of it, as each word costs in every request', () => {
    const telling = ['label', 'content', 'attribute', 'value', 'tags', 'tag_match_mode']
    const plain = new Set([...telling, 'limit', 'top_k', 'page', 'command', 'newest_first'])
    for (const tool of registry.list) {
      const { properties } = toToolSchema(tool).parameters
      for (const [name, property] of Object.entries(properties ?? {})) {
        if (plain.has(name) && !('description' in Object(property))) continue
        expect(property).toMatchObject({ description: expect.stringMatching(/\.$/) })
      }
    }
  })
})

describe('default tools', () => {
  test.each([
    ['letta_v1_agent', 'conversation_search memory_replace memory_insert'],
    [
      'memgpt_agent',
      'send_message conversation_search core_memory_append core_memory_replace memory memory_apply_patch',
    ],
    ['memgpt_v2_agent', 'send_message conversation_search memory_replace memory_insert'],
    ['sleeptime_agent', 'memory_replace memory_insert memory_rethink memory_finish_edits'],
    ['react_agent', ''],
  ] as const)('of %s are those of the original server', (agentType, names) => {
    expect(defaultToolNames(agentType).join(' ')).toBe(names)
  })

  test('of an agent with a sleep-time partner cannot write memory', () => {
    expect(defaultToolNames('letta_v1_agent', { enableSleeptime: true })).toEqual([
      'conversation_search',
      'archival_memory_search',
    ])
  })

  test('all exist', () => {
    const names = agentTypes.flatMap((agentType) => [
      ...defaultToolNames(agentType),
      ...defaultToolNames(agentType, { enableSleeptime: true }),
    ])
    expect([...names, ...chatToolNames].filter((name) => registry.get(name) === null)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { cutValue, emptyValue, type Cutter } from './cut-value.ts'
import { createMatcher } from './matcher.ts'

const id = 'message-11111111-1111-4111-8111-111111111111'
const other = 'message-22222222-2222-4222-8222-222222222222'
const cutter: Cutter = { matcher: createMatcher(['locker code 4711']), removedIds: new Set([id]) }

describe('cutting a stored value', () => {
  it('leaves a value without the words byte for byte', () => {
    const value = '{ "a":  "nothing here", "n": 1e3 }'
    expect(cutValue(value, 'json', cutter)).toBe(value)
    expect(cutValue('plain', 'text', cutter)).toBe('plain')
  })

  it('cuts strings at any depth, keys among them, and JSON within them', () => {
    const inner = JSON.stringify({ content: 'the locker code 4711 opens' })
    const value = JSON.stringify([{ arguments: inner, 'locker code 4711': 1 }])
    expect(JSON.parse(cutValue(value, 'json', cutter))).toEqual([
      { arguments: JSON.stringify({ content: 'the [forgotten] opens' }), '[forgotten]': 1 },
    ])
    expect(cutValue('{"broken: "locker code 4711"', 'json', cutter)).toBe('{"broken: "[forgotten]"')
  })

  it('keeps the values of keys that are cut alike, and of one that is called so already', () => {
    const value = JSON.stringify({
      'locker code 4711': 1,
      'Locker Code 4711': 2,
      '[forgotten] 2': 3,
      n: 4,
    })
    expect(JSON.parse(cutValue(value, 'json', cutter))).toEqual({
      '[forgotten]': 1,
      '[forgotten] 2': 3,
      '[forgotten] 3': 2,
      n: 4,
    })
  })

  it('finds what stands under a key that is said twice', () => {
    const value = '{"a":"locker code 4711","n": 5,"a":"b:"}'
    expect(cutValue(value, 'json', cutter)).toBe('{"a":"[forgotten]","n": 5,"a":"b:"}')
    expect(cutValue(JSON.stringify(value), 'json', cutter)).not.toContain('4711')
  })

  it('cuts numbers that are what a person told, and no settings', () => {
    const account = { matcher: createMatcher(['48213377']), removedIds: new Set<string>() }
    expect(cutValue('{"account":48213377,"n":5}', 'json', account)).toBe(
      '{"account":"[forgotten]","n":5}',
    )
    const call = JSON.stringify([{ arguments: '{"to":[48213377]}' }])
    expect(cutValue(call, 'json', account)).not.toContain('48213377')
    expect(cutValue('{"max_tokens":48213377}', 'settings', account)).toContain('48213377')
    expect(cutValue('{"note":"48213377"}', 'settings', account)).not.toContain('48213377')
  })

  it('keeps the digits of other numbers', () => {
    const value = '{"id":12345678901234567890,"price":1.50,"text":"locker code 4711"}'
    expect(cutValue(value, 'json', cutter)).toBe(
      '{"id":12345678901234567890,"price":1.50,"text":"[forgotten]"}',
    )
  })

  it('drops results that show something that goes, and lines that quote it by its id', () => {
    const results = {
      message: 'Showing 2',
      results: [
        { id, content: 'x' },
        { id: other, content: 'y' },
      ],
    }
    const text = JSON.stringify(results)
    const [value] = JSON.parse(cutValue(JSON.stringify([{ text }]), 'json', cutter)) as [
      { text: string },
    ]
    expect(JSON.parse(value.text)).toMatchObject({ results: [{ id: other }] })
    expect(cutValue(`On Monday: “x” [${id}]\nOn Tuesday [${other}]`, 'text', cutter)).toBe(
      `[forgotten]\nOn Tuesday [${other}]`,
    )
  })

  it('takes a whole thought out, whose signature would no longer fit', () => {
    const thought = { type: 'reasoning', text: 'So locker code 4711.', signature: 's' }
    const value = JSON.stringify([thought, { type: 'text', text: 'Fine.' }])
    expect(cutValue(value, 'json', cutter)).toBe('[{"type":"text","text":"Fine."}]')
  })

  it('empties a value but for its shape', () => {
    expect(emptyValue('content', '[]')).toBe('[{"type":"text","text":"[forgotten]"}]')
    const call = [{ callId: 'c', name: 'tool', arguments: '{"a":"b"}' }]
    expect(JSON.parse(emptyValue('tool_calls', JSON.stringify(call)))).toEqual([
      { callId: 'c', name: 'tool', arguments: '{}' },
    ])
    const result = [{ callId: 'c', status: 'success', text: 'x', stdout: ['y'], stderr: null }]
    expect(JSON.parse(emptyValue('tool_returns', JSON.stringify(result)))).toEqual([
      {
        callId: 'c',
        status: 'success',
        text: '[forgotten]',
        stdout: ['[forgotten]'],
        stderr: null,
      },
    ])
  })
})

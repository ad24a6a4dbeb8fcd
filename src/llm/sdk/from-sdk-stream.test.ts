import { describe, expect, it } from 'vitest'
import { noUsage } from '../model.ts'
import { createStreamReader, toTokenUsage } from './from-sdk-stream.ts'

describe('createStreamReader()', () => {
  it('knows whether every call that began has ended', () => {
    const reader = createStreamReader()
    expect([reader.hasAnswer, reader.isComplete]).toEqual([false, true])
    reader.read({ type: 'tool-input-start', id: 'a', toolName: 'add' })
    expect([reader.hasAnswer, reader.isComplete]).toEqual([true, false])
    reader.read({ type: 'tool-call', toolCallId: 'a', toolName: 'add', input: '{}' })
    expect(reader.isComplete).toBe(true)
  })

  it('gives the deltas a provider left out, so that they add up to the arguments', () => {
    const reader = createStreamReader()
    reader.read({ type: 'tool-input-start', id: 'a', toolName: 'add' })
    reader.read({ type: 'tool-input-delta', id: 'a', delta: '{"left"' })
    const call = { toolCallId: 'a', toolName: 'add', input: '{"left":1}' }
    expect(reader.read({ type: 'tool-call', ...call })).toEqual([
      { type: 'tool-call-delta', index: 0, argumentsText: ':1}' },
      { type: 'tool-call-end', index: 0, callId: 'a', name: 'add', arguments: '{"left":1}' },
    ])
    const whole = { toolCallId: 'b', toolName: 'now', input: '' }
    expect(reader.read({ type: 'tool-call', ...whole })).toEqual([
      { type: 'tool-call-start', index: 1, callId: 'b', name: 'now' },
      { type: 'tool-call-delta', index: 1, argumentsText: '{}' },
      { type: 'tool-call-end', index: 1, callId: 'b', name: 'now', arguments: '{}' },
    ])
  })

  it('does not end a call twice', () => {
    const reader = createStreamReader()
    const call = { type: 'tool-call', toolCallId: 'a', toolName: 'add', input: '{}' } as const
    reader.read(call)
    expect(reader.read(call)).toEqual([])
  })
})

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2e9])(
  'a provider that reports %d tokens has reported none',
  (total) => {
    const part = { total, noCache: total, cacheRead: total, cacheWrite: total }
    const output = { total, text: total, reasoning: total }
    expect(toTokenUsage({ inputTokens: part, outputTokens: output })).toEqual(noUsage)
  },
)

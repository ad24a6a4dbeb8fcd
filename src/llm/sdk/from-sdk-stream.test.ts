import { describe, expect, it } from 'vitest'
import { createStreamReader } from './from-sdk-stream.ts'

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

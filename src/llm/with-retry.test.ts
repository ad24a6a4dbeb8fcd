import { describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { collectParts, sampleModelRequest } from '../testing/model-request.ts'
import { createScriptedModel, type ScriptedStep } from '../testing/scripted-model.ts'
import type { ModelFailure, ModelPart } from './model.ts'
import { withRetry } from './with-retry.ts'

function failing(code: ModelFailure['code'], more: Partial<ModelFailure> = {}): ScriptedStep {
  return { failure: { code, retryable: true, ...more } }
}

async function run(
  steps: readonly ScriptedStep[],
  options: {
    readonly clock?: FakeClock
    readonly maxRetries?: number
    readonly random?: () => number
  } = {},
): Promise<{
  readonly parts: readonly ModelPart[]
  readonly calls: number
  readonly waits: readonly number[]
}> {
  const clock = options.clock ?? createFakeClock({ automatic: true })
  const model = createScriptedModel({ steps })
  const retrying = withRetry(model, {
    clock,
    maxRetries: options.maxRetries ?? 4,
    random: options.random ?? (() => 1),
  })
  const parts = await collectParts(retrying.stream(sampleModelRequest()))
  return { parts, calls: model.requests.length, waits: clock.sleeps }
}

describe('withRetry()', () => {
  it('tries again with growing waits until an answer comes', async () => {
    const limit = failing('llm_rate_limit')
    const { parts, waits } = await run([limit, limit, limit, { text: 'hello' }])
    expect(parts.map((part) => part.type)).toEqual(['text-delta', 'finish'])
    expect(waits).toEqual([500, 1_000, 2_000])
  })

  it('spreads the waits over their second half', async () => {
    const limit = failing('llm_error')
    const { waits } = await run([limit, limit, { text: 'hello' }], { random: () => 0 })
    expect(waits).toEqual([250, 500])
  })

  it('gives up after the retries allowed and passes the failure on', async () => {
    const steps = Array.from({ length: 9 }, () => failing('llm_error'))
    const { parts, calls } = await run(steps, { maxRetries: 3 })
    expect(calls).toBe(4)
    expect(parts).toMatchObject([{ type: 'error', error: { code: 'llm_error' } }])
  })

  it('does not try again once a part has been passed on', async () => {
    const cut = {
      text: 'half an ans',
      failure: { code: 'llm_stream_cut', retryable: true },
    } as const
    const { parts, calls } = await run([cut, { text: 'whole' }])
    expect(calls).toBe(1)
    expect(parts.map((part) => part.type)).toEqual(['text-delta', 'error'])
  })

  it('does not try again what cannot succeed', async () => {
    const { calls } = await run([failing('llm_authentication', { retryable: false })])
    expect(calls).toBe(1)
  })

  it('reports a dead endpoint after two quick retries', async () => {
    const steps = Array.from({ length: 9 }, () => failing('llm_unreachable'))
    const { calls, waits } = await run(steps)
    expect(calls).toBe(3)
    expect(waits).toEqual([200, 400])
  })

  it('waits as long as the provider asks', async () => {
    const limit = failing('llm_rate_limit', { retryAfterMs: 12_000 })
    const { waits } = await run([limit, { text: 'hello' }])
    expect(waits).toEqual([12_000])
  })

  it('does not wait longer than a minute', async () => {
    const limit = failing('llm_rate_limit', { retryAfterMs: 61_000 })
    const { calls, waits } = await run([limit, { text: 'hello' }])
    expect([calls, waits]).toEqual([1, []])
  })

  it('ends a wait as cancelled when it is aborted', async () => {
    const clock = createFakeClock()
    const model = createScriptedModel({ steps: [failing('llm_rate_limit'), { text: 'hello' }] })
    const retrying = withRetry(model, { clock, maxRetries: 4, random: () => 1 })
    const abort = new AbortController()
    const request = sampleModelRequest({ signal: abort.signal })
    const answer = collectParts(retrying.stream(request))
    await clock.advance(0)
    expect(clock.sleeping).toBe(1)
    abort.abort()
    expect(await answer).toMatchObject([{ type: 'error', error: { code: 'cancelled' } }])
    expect(model.requests).toHaveLength(1)
  })
})

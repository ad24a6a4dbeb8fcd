import { describe, expect, it } from 'vitest'
import { defaultCompactionSettings } from '../domain/summary.ts'
import { sampleItems } from '../testing/samples.ts'
import { compactView } from './compact-view.ts'
import type { CompactionSubject } from './plan-compaction.ts'

const budget = {
  window: 12_000,
  reserve: 2000,
  request: 10_000,
  tokenFactor: 1,
  estimated: 10_000,
}

/** Messages of 100 tokens each; the last one is the input of the running turn. */
function subject(messages: number, given: Partial<CompactionSubject> = {}): CompactionSubject {
  const content = [{ type: 'text' as const, text: 'My boat is called Albatross.' }]
  const items = sampleItems(Array.from({ length: messages }, () => ({ content })))
  // Each message is an exchange of its own.
  const apart = items.map((item, index) =>
    index % 2 === 0 ? item : { ...item, message: { ...item.message, role: 'assistant' as const } },
  )
  return {
    summary: null,
    items: apart,
    turnFrom: (items.at(-1)?.position ?? 0) - 2,
    sizeOf: () => 100,
    requestTokens: 400 + messages * 100,
    budget,
    settings: defaultCompactionSettings,
    trigger: 'post_step_context_check',
    ...given,
  }
}

describe('compactView()', () => {
  it('takes the words of the summariser', async () => {
    const view = await compactView(subject(90), async () => ({ text: 'A boat.', model: 'a/b' }))
    expect(view).toMatchObject({ text: 'A boat.', facts: { method: 'model', model: 'a/b' } })
    expect(view?.facts.tokensAfter).toBeLessThan(7200)
    expect(view?.facts.messagesAfter).toBe((view?.kept.length ?? 0) + 1)
  })

  it('replaces a summary that is too long to make room by extracts, and says so', async () => {
    const text = 'blah '.repeat(4000)
    const view = await compactView(subject(90), async () => ({ text, model: 'a/b' }))
    expect(view?.facts).toMatchObject({
      method: 'digest',
      reason: 'the summary was too long to make room',
      model: null,
    })
    expect(view?.text).toContain('My boat is called Albatross.')
    expect(view?.facts.tokensAfter).toBeLessThan(0.75 * (view?.facts.tokensBefore ?? 0))
  })

  it('leaves a view alone that fits and of which too little could leave', async () => {
    const few = subject(3, { requestTokens: 9500, sizeOf: () => 30 })
    expect(await compactView(few, null)).toBeNull()
  })

  it('cuts what it can, without a model, when the request would not fit', async () => {
    const few = subject(3, {
      sizeOf: () => 30,
      requestTokens: 10_050,
      trigger: 'context_window_exceeded',
    })
    const view = await compactView(few, () => {
      throw new Error('asked')
    })
    expect(view?.facts.method).toBe('digest')
    expect(view?.facts.covered).toBe(2)
  })

  it('says when no model is connected', async () => {
    const view = await compactView(subject(90), null)
    expect(view?.facts.reason).toBe('no language model is connected')
  })
})

import { describe, expect, it } from 'vitest'
import { countTokens } from '../llm/count-tokens.ts'
import { sampleSummaryFacts } from '../storage/conformance/samples.ts'
import { sampleMessage, sampleTime } from '../testing/samples.ts'
import { writeDigest } from './write-digest.ts'

function said(text: string, role: 'user' | 'assistant' = 'user') {
  return sampleMessage({ role, content: [{ type: 'text', text }], createdAt: sampleTime })
}

describe('writeDigest()', () => {
  it('quotes what the user said with the day, and says why no model wrote it', () => {
    const messages = [said('My boat is called\nAlbatross.'), said('Noted.', 'assistant')]
    const text = writeDigest({
      earlier: null,
      messages,
      reason: 'the summariser failed',
      limit: 200,
    })
    expect(text).toContain('No model wrote this summary: the summariser failed.')
    expect(text).toContain('- 2026-11-22: My boat is called Albatross.')
    expect(text).not.toContain('Noted.')
  })

  it('keeps the newest extracts when not all fit, and never exceeds its limit', () => {
    const messages = Array.from({ length: 300 }, (_, index) =>
      said(`Thing number ${index} is here.`),
    )
    for (const limit of [10, 40, 100, 400]) {
      const text = writeDigest({ earlier: null, messages, reason: 'it was slow', limit })
      expect(countTokens(text)).toBeLessThanOrEqual(limit)
      expect(text.includes('Thing number 299 ')).toBe(limit >= 100)
      expect(text).not.toContain('Thing number 0 ')
    }
  })

  it('carries an earlier summary on, and the extracts of an earlier digest', () => {
    const facts = { ...sampleSummaryFacts, method: 'model' as const }
    const earlier = { type: 'summary', text: 'The dog is called Rex.', facts } as const
    const sources = { messages: [said('New.')], reason: 'it was slow', limit: 300 }
    const first = writeDigest({ ...sources, earlier })
    expect(first).toContain('The dog is called Rex.')
    const digest = { type: 'summary', text: first, facts: { ...facts, method: 'digest' } } as const
    const second = writeDigest({ ...sources, messages: [said('Newer.')], earlier: digest })
    expect(second).toContain('- 2026-11-22: New.\n- 2026-11-22: Newer.')
    expect(second.match(/No model/g)).toHaveLength(1)
  })
})

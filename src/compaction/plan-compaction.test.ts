import { describe, expect, it } from 'vitest'
import type { ConversationItem } from '../domain/conversation.ts'
import type { Message } from '../domain/message.ts'
import { defaultCompactionSettings } from '../domain/summary.ts'
import { sampleItems } from '../testing/samples.ts'
import { isProgress, planCompaction, type CompactionSubject } from './plan-compaction.ts'

const budget = {
  window: 12_000,
  reserve: 2000,
  request: 10_000,
  tokenFactor: 1,
  estimated: 10_000,
}

function textItem(role: Message['role']): Partial<Message> {
  return { role, content: [{ type: 'text', text: 'words' }] }
}

/** Exchanges of two messages of 100 tokens each, then the input of the running turn. */
function subject(
  given: Partial<CompactionSubject> & { exchanges?: number } = {},
): CompactionSubject {
  const { exchanges = 45, ...rest } = given
  const items = sampleItems(
    Array.from({ length: exchanges * 2 + 1 }, (_, index) =>
      textItem(index % 2 === 0 ? 'user' : 'assistant'),
    ),
  )
  const turnFrom = (items.at(-1)?.position ?? 0) - 2
  return {
    summary: null,
    items,
    turnFrom,
    sizeOf: () => 100,
    requestTokens: 400 + (exchanges * 2 + 1) * 100,
    budget,
    settings: defaultCompactionSettings,
    trigger: 'post_step_context_check',
    ...rest,
  }
}

describe('planCompaction()', () => {
  it('lets the oldest part leave until 70 % of the window are used, summary included', () => {
    const plan = planCompaction(subject())!
    const after = plan.fixedTokens + plan.keptTokens + plan.allowance
    expect(after).toBeLessThanOrEqual(7000)
    expect(after).toBeGreaterThan(6500)
    expect(plan.covered.length + plan.kept.length).toBe(91)
    expect(plan.kept[0]).toMatchObject({ message: { role: 'user' } })
    expect(plan.viewFrom).toBe(plan.kept[0]?.position)
  })

  it('lets at least a quarter leave of what can, however large the rest is', () => {
    const plan = planCompaction(subject({ exchanges: 20, requestTokens: 9500 }))!
    expect(plan.keptTokens + plan.allowance).toBeLessThanOrEqual(0.75 * plan.movableTokens)
  })

  it('keeps the running turn with the free places before its input when all leaves', () => {
    const settings = { ...defaultCompactionSettings, mode: 'all' as const }
    const given = subject({ settings })
    const plan = planCompaction(given)!
    expect(plan.covered).toHaveLength(90)
    expect(plan.kept).toHaveLength(1)
    expect(plan.viewFrom).toBe(given.turnFrom)
  })

  it('never parts tool calls from their returns', () => {
    const call = { callId: 'c', name: 'note', arguments: '{}' }
    const group: Partial<Message>[] = [
      textItem('user'),
      { role: 'assistant', content: [], toolCalls: [call] },
      { role: 'tool', content: [] },
      textItem('assistant'),
    ]
    for (let exchanges = 1; exchanges < 12; exchanges += 1) {
      const items = sampleItems([
        ...Array.from({ length: exchanges }, () => group).flat(),
        textItem('user'),
      ])
      const turnFrom = (items.at(-1)?.position ?? 0) - 2
      const plan = planCompaction(
        subject({
          items,
          turnFrom,
          requestTokens: 9500 - exchanges,
          sizeOf: () => 9000 / items.length,
        }),
      )!
      const [first] = plan.kept
      const roles = [first?.kind === 'message' ? first.message : null]
      expect(roles[0]?.role).not.toBe('tool')
      expect(plan.covered.at(-1)?.message.toolCalls).toEqual([])
    }
  })

  it('has nothing to do when only the running turn is in view', () => {
    expect(planCompaction(subject({ exchanges: 0 }))).toBeNull()
  })

  it('counts tail items of earlier turns as gone', () => {
    const given = subject()
    const tails: ConversationItem[] = given.items
      .filter((_, index) => index % 2 === 0)
      .map(({ position }) => ({
        kind: 'tail',
        position: position - 2,
        text: 'now',
        sources: [],
        createdAt: 0,
      }))
    const items = [...given.items, ...tails].toSorted((a, b) => a.position - b.position)
    const requestTokens = given.requestTokens + tails.length * 100
    const plan = planCompaction({ ...given, items, requestTokens })!
    expect(plan.keptTokens).toBe(
      100 * (plan.kept.filter(({ kind }) => kind === 'message').length - 1),
    )
  })

  it('lets the oldest group leave when it is tail items that fill the view: they go with it', () => {
    const given = subject({ exchanges: 10 })
    const items: ConversationItem[] = given.items.flatMap((item, index) => {
      const { position } = item
      const tail = {
        kind: 'tail',
        position: position - 1,
        text: '',
        sources: [],
        createdAt: 0,
      } as const
      return index % 2 === 0 && position < given.turnFrom ? [tail, item] : [item]
    })
    const sizeOf = ({ kind }: ConversationItem): number => (kind === 'tail' ? 800 : 30)
    const plan = planCompaction({ ...given, items, sizeOf, requestTokens: 9500 })!
    expect(plan.covered).toHaveLength(2)
    expect(isProgress(plan, plan.allowance, given)).toBe(true)
  })
})

describe('isProgress()', () => {
  it('wants a quarter less, unless somebody asked', () => {
    const given = subject()
    const plan = planCompaction(given)!
    const most = 0.75 * plan.movableTokens - plan.keptTokens
    expect(isProgress(plan, Math.floor(most), given)).toBe(true)
    expect(isProgress(plan, Math.ceil(most) + 1, given)).toBe(false)
    expect(isProgress(plan, Math.ceil(most) + 1, { ...given, trigger: 'manual' })).toBe(true)
    expect(isProgress(plan, 10_000, { ...given, trigger: 'manual' })).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { countTokens, fitTokens } from './count-tokens.ts'

/** Texts with what the tokenizers of GPT-4 (cl100k), GPT-4o (o200k) and Claude 2 make of them. */
const measured: readonly { readonly text: string; readonly tokens: readonly number[] }[] = [
  {
    text: 'You are a helpful assistant who remembers what people tell you. When somebody mentions a preference, a plan or the name of a friend, you write it down in your memory, so that you can use it in a later conversation. Be brief, be kind, and never invent what you do not know.',
    tokens: [61, 61, 61],
  },
  {
    text: "export async function readText(request: IncomingMessage): Promise<string> {\n  const chunks: Buffer[] = []\n  for await (const chunk of request) chunks.push(Buffer.from(chunk))\n  return Buffer.concat(chunks).toString('utf8')\n}\n",
    tokens: [50, 51, 60],
  },
  {
    text: 'def total(prices, rate=0.25):\n    """Sum the prices and add tax."""\n    result = 0\n    for price in prices:\n        result += price * (1 + rate)\n    return round(result, 2)\n',
    tokens: [50, 50, 49],
  },
  {
    text: '{"type":"object","properties":{"label":{"type":"string","description":"Section of the memory to be edited."},"old_content":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":50}},"required":["label","old_content"]}',
    tokens: [53, 55, 56],
  },
  {
    text: 'message-3f2b8c1e-9a47-4d0b-8f7e-1c2d3e4f5a6b at 2026-11-22T19:38:04+01:00',
    tokens: [55, 55, 54],
  },
  {
    text: '今天我们讨论了无人机枢纽项目的进展，团队决定在下周之前完成传感器的测试，并且把报告发给客户。他最喜欢的颜色是深绿色。',
    tokens: [65, 42, 58],
  },
  {
    text: '私たちは今日、プロジェクトの進捗について話し合いました。来週までにテストを終わらせて、レポートを送ることにしました。',
    tokens: [55, 41, 58],
  },
  {
    text: '우리는 오늘 프로젝트의 진행 상황을 논의했습니다. 다음 주까지 센서 테스트를 마치고 보고서를 보내기로 했습니다.',
    tokens: [56, 29, 62],
  },
  {
    text: 'Сегодня мы обсудили ход проекта. Команда решила закончить испытания датчиков до следующей недели и отправить отчёт.',
    tokens: [52, 27, 56],
  },
  {
    text: '| name | value | unit |\n|---|---|---|\n| width | 12.5 | mm |\n| height | 1,204 | mm |\n',
    tokens: [34, 34, 32],
  },
]

describe('countTokens()', () => {
  it.each(measured)('is not below any tokenizer for $text', ({ text, tokens }) => {
    expect(countTokens(text)).toBeGreaterThanOrEqual(Math.max(...tokens))
  })

  it.each(measured)(
    'is at most twice the most wasteful tokenizer for $text',
    ({ text, tokens }) => {
      expect(countTokens(text)).toBeLessThanOrEqual(2 * Math.max(...tokens))
    },
  )

  it('is 0 for nothing and never 0 for something', () => {
    expect(countTokens('')).toBe(0)
    for (const text of ['a', '1', '\n', '漢', '😀']) expect(countTokens(text)).toBeGreaterThan(0)
  })

  it('grows with its text', () => {
    const text = 'The drone hub at 12 Elm Street opens on 3 March.\n'
    const counts = [1, 2, 4, 8].map((times) => countTokens(text.repeat(times)))
    expect(counts).toEqual(counts.toSorted((left, right) => left - right))
    expect(new Set(counts).size).toBe(4)
  })
})

describe('fitTokens()', () => {
  it.each([
    'A1'.repeat(40),
    'ที่'.repeat(40),
    '-a-'.repeat(40),
    ' \n'.repeat(40),
    'word '.repeat(40),
  ])('says the same as counting, near to the limit and far from it: %j', (text) => {
    const tokens = countTokens(text)
    for (const limit of [0, tokens - 1, tokens, 2 * text.length, 2 * text.length + 9]) {
      expect(fitTokens([text], limit)).toBe(tokens <= limit)
    }
  })
})

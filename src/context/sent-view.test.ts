import { expect, test } from 'vitest'
import type { ConversationItem, PromptPrefix, TailItem } from '../domain/conversation.ts'
import type { Message } from '../domain/message.ts'
import { offlineHandle } from '../llm/offline/offline-info.ts'
import { sampleSummaryFacts } from '../storage/conformance/samples.ts'
import { sampleConversation, sampleMessage, sampleTime, sampleWork } from '../testing/samples.ts'
import { type CompiledContext, type ContextWork, measureContext } from './compile-context.ts'
import { ItemMemory } from './item-memory.ts'
import { isSummary, turnContents, viewContents } from './summary-view.ts'

const model = {
  handle: 'openai/scripted',
  provider: 'openai',
  name: 'scripted',
  contextWindow: 128_000,
  maxOutputTokens: 4096,
  extractive: false,
  endpointType: 'openai',
  endpoint: null,
} as const

const call = { callId: 'call-1', name: 'note', arguments: '{}' }
const done = { callId: 'call-1', name: 'note', status: 'success', text: 'Done.' } as const

/** The ways a turn can go, as the messages that follow its input. */
const courses: Readonly<Record<string, readonly Partial<Message>[]>> = {
  answered: [{ role: 'assistant' }],
  'with a tool': [
    { role: 'assistant', toolCalls: [call] },
    { role: 'tool', toolReturns: [{ ...done, stdout: null, stderr: null }] },
    { role: 'assistant' },
  ],
  'cut off in a call': [{ role: 'assistant', toolCalls: [call] }],
  'ended behind a return': [
    { role: 'assistant', toolCalls: [call] },
    { role: 'tool', toolReturns: [{ ...done, stdout: null, stderr: null }] },
  ],
  'asked for leave': [
    { role: 'assistant', stepId: 'step-1' },
    { role: 'approval', stepId: 'step-1', toolCalls: [call] },
    { role: 'approval', approvals: [] },
    { role: 'tool', toolReturns: [{ ...done, stdout: null, stderr: null }] },
    { role: 'assistant' },
  ],
  'left waiting for leave': [
    { role: 'assistant', stepId: 'step-2' },
    { role: 'approval', stepId: 'step-2', toolCalls: [call] },
  ],
  'cut short': [{ role: 'assistant', isError: true }],
  quoted: [{ role: 'assistant', stepId: 'step-3', model: offlineHandle }],
  summarised: [
    { role: 'assistant' },
    { role: 'summary', content: [{ type: 'summary', text: 'Before.', facts: sampleSummaryFacts }] },
  ],
  'without an answer': [],
}

/** A conversation to which turns are added. */
function createTalk(): {
  readonly items: ConversationItem[]
  readonly add: (message: Partial<Message>) => void
} {
  const items: ConversationItem[] = []
  const add = (given: Partial<Message>): void => {
    const number = items.length
    const content = [{ type: 'text', text: `Said ${number}.` }] as const
    const message = sampleMessage({ id: `message-${number}`, content, ...given })
    items.push({ kind: 'message', position: number * 3 + 3, message })
  }
  return { items, add }
}

function tailBefore(position: number, createdAt: number, sources: readonly string[]): TailItem {
  return { kind: 'tail', position: position - 1, text: `Tail ${position}.`, sources, createdAt }
}

function compile(
  work: ContextWork,
  now: number,
  itemMemory: ItemMemory | null,
): Omit<CompiledContext, 'budget'> {
  const tools: [] = []
  const input = { work, model, tools, cacheLifetimeMs: 600_000, now }
  const { budget: _, ...compiled } = measureContext({ ...input, ...(itemMemory && { itemMemory }) })
  return compiled
}

// Every two courses follow each other; some turns find a new prefix, and the view is cut now and then.
test('measureContext() makes the same request from what it remembers as from nothing, whatever the turns before were', () => {
  const memory = new ItemMemory()
  const { items, add } = createTalk()
  const kinds = Object.keys(courses)
  const order = kinds.flatMap((first) => kinds.flatMap((second) => [first, second]))
  let prefix: PromptPrefix | null = null
  let [from, checked] = [0, 0]
  for (const [turn, kind] of order.entries()) {
    const now = sampleTime + turn * 1000
    const tailPosition = items.length * 3 + 2
    if (turn % 23 === 22) from = items.length - 10
    const sources = turn % 2 === 0 ? ['block-1'] : ['message-1']
    if (turn % 4 !== 0) items.push(tailBefore(items.length * 3 + 3, now, sources))
    for (const said of [{ role: 'user' } as const, ...(courses[kind] ?? [])]) {
      add(said)
      const conversation = sampleConversation({ prefix: turn % 7 === 0 ? null : prefix })
      const work = sampleWork({ items: items.slice(from), tailPosition, conversation })
      const compiled = compile(work, now, memory)
      expect(compiled, `turn ${turn}, ${kind}`).toEqual(compile(work, now, null))
      const summary = work.items.findLast(isSummary)
      expect(compiled.shown.filter(isSummary), `turn ${turn}, ${kind}`).toEqual(
        summary === undefined ? [] : [summary],
      )
      prefix = compiled.prefix ?? prefix
      checked += 1
    }
  }
  expect(checked).toBeGreaterThan(500)
})

test('sentView() looks at each settled item once', () => {
  const memory = new ItemMemory()
  const { items, add } = createTalk()
  for (let turn = 0; turn < 50; turn += 1) {
    add({ role: 'user' })
    add({ role: 'assistant' })
  }
  const looked: number[] = []
  const watched = items.map((item, index): ConversationItem =>
    Object.defineProperty({ ...item }, 'kind', {
      get: () => {
        looked.push(index)
        return 'message'
      },
    }),
  )
  const send = (count: number, prefix: PromptPrefix | null): PromptPrefix | null => {
    looked.length = 0
    const conversation = sampleConversation({ prefix })
    const tailPosition = count * 3 - 1
    const work = sampleWork({ items: watched.slice(0, count), tailPosition, conversation })
    return compile(work, sampleTime, memory).prefix ?? prefix
  }
  const prefix = send(91, null)
  expect(new Set(looked).size).toBe(91)
  send(93, prefix)
  expect(Math.min(...looked)).toBeGreaterThanOrEqual(88)
})

test('turnContents() counts what viewContents() counts, while a tail item gets its place before the input of its turn', () => {
  const memory = new ItemMemory()
  const place = (position: number, given: Partial<Message> = {}): ConversationItem => ({
    kind: 'message',
    position,
    message: sampleMessage({ id: `message-${position}`, ...given }),
  })
  const tail = (position: number): TailItem => ({
    kind: 'tail',
    position,
    text: 'Now.',
    sources: [],
    createdAt: sampleTime,
  })
  let items: readonly ConversationItem[] = []
  for (const tailPosition of [1, 5, 9]) {
    const input = [...items, place(tailPosition + 2)]
    expect(turnContents({ items: input, tailPosition }, memory)).toEqual(viewContents(input))
    const role = tailPosition === 5 ? 'summary' : 'assistant'
    items = [
      ...items,
      tail(tailPosition),
      place(tailPosition + 2),
      place(tailPosition + 3, { role }),
    ]
    expect(turnContents({ items, tailPosition }, memory)).toEqual(viewContents(items))
  }
  expect(viewContents(items)).toEqual({ hasSummary: true, messages: 6 })
})

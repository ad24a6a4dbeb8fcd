import { describe, expect, it } from 'vitest'
import { defaultConversationId } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import { summaryOf } from '../domain/message.ts'
import { defaultScope } from '../domain/scope.ts'
import type { ModelRequest } from '../llm/model.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { createScriptedModel, type ScriptedStep } from '../testing/scripted-model.ts'
import type { Agent } from '../domain/agent.ts'
import { toolId } from '../tools/registry.ts'

const filler = 'word '.repeat(120)

/** Whether a call is one of the summariser: it has no tools. */
function isSummary({ tools }: ModelRequest): boolean {
  return tools.length === 0
}

interface Talk extends AsyncDisposable {
  readonly test: TestApp
  readonly agent: Agent
  readonly requests: readonly ModelRequest[]
  say(count: number): Promise<void>
  messages(): Promise<readonly Message[]>
}

/** A chat in a window of 6,000 tokens, with a model whose summaries are as given. */
async function talk(
  summary: ScriptedStep,
  given: Partial<Agent> = {},
  answer: ScriptedStep = { text: `Noted. ${filler}` },
): Promise<Talk> {
  const model = createScriptedModel({
    otherwise: (request) => {
      const step = isSummary(request) ? summary : answer
      return typeof step === 'function' ? step(request) : step
    },
  })
  const test = await createTestApp({ models: [model] })
  const agent = await test.createAgent({ contextWindow: 6000, ...given })
  let said = 0
  return {
    test,
    agent,
    requests: model.requests,
    async say(count) {
      for (let index = 0; index < count; index += 1) {
        said += 1
        const frames = await test.ask(agent, `Message ${said}. ${filler}`)
        expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', error: null })
      }
    },
    messages: () =>
      test.app.store.listMessages(defaultScope, { agentId: agent.id, limit: 1000, order: 'asc' }),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}

function summaries(messages: readonly Message[]) {
  return messages.flatMap((message) => {
    const part = summaryOf(message)
    return part === null ? [] : [{ id: message.id, ...part }]
  })
}

describe('a turn whose request comes near its limit', () => {
  it('goes on with a summary of what was said first, and loses no message', async () => {
    await using chat = await talk({ text: 'The user counts.' })
    await chat.say(18)
    const messages = await chat.messages()
    const [first, second] = summaries(messages)
    expect(first).toMatchObject({
      text: 'The user counts.',
      facts: { method: 'model', earlierId: null },
    })
    expect(second?.facts.earlierId).toBe(first?.id)
    expect(messages.filter(({ role }) => role === 'user')).toHaveLength(18)
    const last = chat.requests.at(-1)!
    expect(JSON.stringify(last.messages[0])).toContain('The user counts.')
    expect(JSON.stringify(last.messages)).not.toContain('Message 1.')
    const sources = await chat.test.app.store.listSummarySources(defaultScope, {
      summaryId: second?.id ?? '',
      after: 0,
      limit: 100,
    })
    expect(sources.map(({ message }) => message.id)).toContain(first?.id)
  })

  it('gives the earlier summary to the summariser', async () => {
    await using chat = await talk({ text: 'The user counts.' })
    await chat.say(18)
    const [, second] = chat.requests.filter(isSummary)
    expect(JSON.stringify(second?.messages)).toContain('The user counts.')
  })

  it('repeats its bytes from call to call between compactions', async () => {
    await using chat = await talk({ text: 'The user counts.' })
    await chat.say(16)
    const calls = chat.requests.filter((request) => !isSummary(request))
    const texts = calls.map(({ system, messages }) =>
      JSON.stringify([system, messages]).slice(0, -2),
    )
    const breaks = texts.slice(1).filter((text, index) => !text.startsWith(texts[index]!))
    expect(breaks).toHaveLength(summaries(await chat.messages()).length)
  })

  it.each([
    ['fails', { failure: { code: 'llm_rate_limit' } } as const, /failed \(llm_rate_limit\)/],
    ['says nothing', { text: '' }, /wrote nothing/],
    [
      'throws',
      () => {
        throw new Error('secret words')
      },
      /failed \(internal error\)/,
    ],
  ])('goes on with extracts when the summariser %s', async (_case, step, reason) => {
    await using chat = await talk(step as ScriptedStep)
    await chat.say(10)
    const [first] = summaries(await chat.messages())
    expect(first?.facts).toMatchObject({ method: 'digest', reason: expect.stringMatching(reason) })
    expect(first?.text).toContain('Message 1.')
    expect(first?.text).not.toContain('secret')
  })

  it('waits for a slow summariser no longer than the setting says', async () => {
    const model = createScriptedModel({ otherwise: { text: `Noted. ${filler}` } })
    const clocked = await createTestApp({ models: [model] })
    await clocked.app.close()
    const slow = createScriptedModel({
      clock: clocked.clock,
      otherwise: (request) =>
        isSummary(request) ? { delayMs: 3_600_000, text: 'Late.' } : { text: `Noted. ${filler}` },
    })
    await using test = await createTestApp({ models: [slow], clock: clocked.clock })
    const agent = await test.createAgent({ contextWindow: 6000 })
    for (let index = 0; index < 12; index += 1) {
      const { run } = await test.say(agent, `Message ${index}. ${filler}`)
      const frames = test.frames(run.id)
      await test.clock.advance(31_000)
      expect((await frames).at(-1)?.event.event).toMatchObject({ type: 'run-ended', error: null })
    }
    const messages = await test.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      limit: 100,
      order: 'asc',
    })
    expect(summaries(messages)[0]?.facts.reason).toBe('the summariser took too long')
  })

  it('compacts and asks once more when the provider counts more than was estimated', async () => {
    let refusals = 0
    const answer: ScriptedStep = (request) => {
      if (JSON.stringify(request.messages).includes('Message 1.') && request.messages.length > 6) {
        refusals += 1
        return { failure: { code: 'context_window_exceeded' } }
      }
      return { text: 'Noted.' }
    }
    await using chat = await talk({ text: 'The user counts.' }, { contextWindow: 60_000 }, answer)
    await chat.say(4)
    expect(refusals).toBe(1)
    expect(summaries(await chat.messages())[0]?.facts.trigger).toBe('context_window_exceeded')
  })

  it('compacts at most once for a step', async () => {
    await using chat = await talk({ text: 'The user counts.' })
    await chat.say(20)
    const kinds = chat.requests.map(isSummary)
    expect(kinds.some((kind, index) => kind && kinds[index + 1] === true)).toBe(false)
  })

  it('asks the agent with its own prompt in the modes that say so', async () => {
    const extra = { compaction_settings: { mode: 'self_compact_all' } }
    await using chat = await talk({ text: 'unused' }, { extra }, (request) =>
      JSON.stringify(request.messages.at(-1)).includes('the program you run in')
        ? { text: 'By myself.' }
        : { text: `Noted. ${filler}` },
    )
    await chat.say(9)
    const [first] = summaries(await chat.messages())
    expect(first).toMatchObject({ text: 'By myself.', facts: { mode: 'self_compact_all' } })
    const at = chat.requests.findIndex(({ messages }) =>
      JSON.stringify(messages.at(-1)).includes('the program you run in'),
    )
    const [before, own] = [chat.requests[at - 1]!, chat.requests[at]!]
    expect(own.system).toBe(before.system)
    expect(own.messages.slice(0, before.messages.length)).toEqual(before.messages)
  })

  it('does without a model when none is connected', async () => {
    const model = createScriptedModel({
      otherwise: { text: `Found. ${filler}` },
      info: { extractive: true },
    })
    await using test = await createTestApp({ models: [model] })
    const agent = await test.createAgent({ contextWindow: 6000 })
    for (let index = 0; index < 9; index += 1) await test.ask(agent, `Message ${index}. ${filler}`)
    const conversationId = defaultConversationId(agent.id)
    const items = await test.app.store.listItems(defaultScope, {
      conversationId,
      fromPosition: 0,
      limit: 100,
    })
    const found = summaries(
      items.flatMap((item) => (item.kind === 'message' ? [item.message] : [])),
    )
    expect(found[0]?.facts).toMatchObject({ method: 'digest', model: null })
    expect(model.requests.every(({ tools }) => tools.length > 0)).toBe(true)
  })
})

describe('a compaction that is under way', () => {
  it('makes no call after a cancel, and ends the run', async () => {
    const cancels: (() => Promise<void>)[] = []
    await using chat = await talk(() => {
      void cancels.pop()?.()
      return { text: 'The user counts.' }
    })
    const { test, agent } = chat
    let runId = ''
    cancels.push(async () => {
      await test.app.runtime.cancel(defaultScope, { runId })
    })
    for (let index = 0; index < 12 && cancels.length > 0; index += 1) {
      const { run } = await test.say(agent, `Message ${index}. ${filler}`)
      runId = run.id
      await test.frames(run.id)
    }
    const before = chat.requests.length
    expect(isSummary(chat.requests.at(-1)!)).toBe(true)
    expect(await test.app.store.getRun(defaultScope, { id: runId })).toMatchObject({
      status: 'cancelled',
    })
    await chat.say(1)
    expect(chat.requests.length).toBeGreaterThan(before)
  })
})

describe('expand_summary', () => {
  it('shows the model the messages that a summary stands for, page by page', async () => {
    const asked: ScriptedStep[] = []
    await using chat = await talk(
      { text: 'The user counts.' },
      { toolIds: ['expand_summary', 'conversation_search'].map(toolId) },
      (request) => {
        const step = asked.shift() ?? { text: `Noted. ${filler}` }
        return typeof step === 'function' ? step(request) : step
      },
    )
    await chat.say(14)
    const [summary] = summaries(await chat.messages())
    const offered = chat.requests.map(({ tools }) => tools.map(({ name }) => name).join())
    expect(offered[0]).toBe('conversation_search')
    expect(offered.at(-1)).toBe('expand_summary,conversation_search')
    asked.push(
      { toolCalls: [{ name: 'expand_summary', arguments: { limit: 1 } }] },
      (request) => {
        const result = JSON.stringify(request.messages.at(-1))
        const after = Number(/next_after[^0-9]+([0-9]+)/.exec(result)?.[1])
        const next = { summary_id: summary?.id, after, limit: 1 }
        return { toolCalls: [{ name: 'expand_summary', arguments: next }] }
      },
      { toolCalls: [{ name: 'expand_summary', arguments: { summary_id: 'message-x' } }] },
      { toolCalls: [{ name: 'expand_summary', arguments: { after: 9999 } }] },
      { text: 'Done.' },
    )
    await chat.say(1)
    const returns = (await chat.messages()).flatMap(({ toolReturns }) => toolReturns)
    expect(returns.map(({ status }) => status)).toEqual(['success', 'success', 'error', 'success'])
    expect(returns[0]?.text).toContain('Message 1.')
    expect(returns[0]?.text).not.toContain('Noted.')
    expect(returns[1]?.text).toContain('Noted.')
    expect(returns[3]?.text).toContain('There is nothing after 9999')
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Agent } from '../domain/agent.ts'
import type { CallAnswer } from '../domain/approval.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { asProcess } from '../testing/as-process.ts'
import { createTestApp, type TestApp, userInput } from '../testing/create-test-app.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { lastText, readHistory } from '../testing/run-frames.ts'
import type { ScriptedStep } from '../testing/scripted-model.ts'
import { toolId } from '../tools/registry.ts'
import type { ActionTool } from '../tools/tool.ts'
import type { AnswerRequest } from './runtime.ts'

const day = 86_400_000
const paper = { name: 'fetch_paper', description: 'Fetches a paper.' }
const asksToSign: ScriptedStep = {
  toolCalls: [{ name: 'sign_letter', arguments: {}, callId: 'call-sign' }],
}

/** A tool that may not be repeated; `hold` is waited for in each call, which ignores every wish to stop. */
function signTool(signed: string[], hold: Promise<void> = Promise.resolve()): ActionTool<unknown> {
  return {
    kind: 'action',
    name: 'sign_letter',
    description: 'Signs a letter.',
    parameters: z.object({}),
    tags: [],
    toolType: 'custom',
    parallel: false,
    returnLimit: 10_000,
    replay: 'once',
    quotesMemory: false,
    async run() {
      signed.push('signed')
      await hold
      return { text: 'Signed.' }
    },
  }
}

const verdict = (approve: boolean): CallAnswer => ({
  kind: 'approval',
  callId: 'call-sign',
  approve,
  reason: approve ? null : 'Not on a Monday.',
})

function answerOf(agent: Agent, answers: readonly CallAnswer[]): AnswerRequest {
  return {
    conversationId: defaultConversationId(agent.id),
    answers,
    followUps: [],
    otid: null,
    groupId: null,
    options: {},
    runType: 'send_message',
    background: false,
    requestConfig: {},
    requestHash: null,
    callbackUrl: null,
    isRetry: false,
  }
}

interface Restart {
  readonly first: readonly ScriptedStep[]
  readonly second: readonly ScriptedStep[]
  /** What happens before the first process ends. */
  readonly before?: (test: TestApp, agent: Agent) => Promise<unknown>
  readonly hold?: Promise<void>
}

/** Lets a process ask, ends it, and starts another one four days later on what is stored. */
async function restart({ first, second, before, hold }: Restart): Promise<{
  readonly agent: Agent
  readonly test: TestApp
  readonly signed: readonly string[]
}> {
  const store = await openMemoryStore()
  const ids = createNumberedIds()
  const signed: string[] = []
  const tools = [signTool(signed, hold)]
  const early = await createTestApp({ script: first, ids, tools, store: asProcess(store, 'early') })
  const agent = await early.createAgent({
    toolIds: [toolId('sign_letter')],
    toolRules: [{ type: 'requires_approval', tool_name: 'sign_letter' }],
  })
  await early.ask(agent, 'Sign it.', { options: { clientTools: [paper] } })
  await before?.(early, agent)
  const stopping = early.app.runtime.stop({ deadlineMs: 0 })
  await early.clock.advance(100)
  await stopping
  const startAt = early.clock.now() + 4 * day
  const test = await createTestApp({ script: second, ids, tools, store, startAt })
  return { agent, test, signed }
}

async function answer(test: TestApp, request: AnswerRequest): Promise<string> {
  const { run } = await test.app.runtime.answer(defaultScope, request)
  return lastText(await test.frames(run.id))
}

describe('a turn that waits for an answer while the server is restarted', () => {
  it('goes on when it is allowed days later: the call is made once, and the model is told how long it was', async () => {
    const { agent, test, signed } = await restart({
      first: [asksToSign],
      second: [{ text: 'It is signed.' }],
    })
    await using _ = test
    expect(await answer(test, answerOf(agent, [verdict(true)]))).toBe('It is signed.')
    expect(signed).toHaveLength(1)
    const shown = JSON.stringify(test.model.requests[0]?.messages)
    expect(shown.match(/You were last here 4 days ago/g)).toHaveLength(1)
    expect(await readHistory(test, agent.id)).toHaveLength(5)
  })

  it('tells the model of the days also when something is said with the answer', async () => {
    const { agent, test } = await restart({ first: [asksToSign], second: [{ text: 'Fine.' }] })
    await using _ = test
    const request = answerOf(agent, [verdict(true)])
    await answer(test, { ...request, followUps: [userInput('Sorry, I was away.')] })
    expect(JSON.stringify(test.model.requests[0]?.messages)).toContain(
      'You were last here 4 days ago',
    )
  })

  it('goes on without the call when it is denied', async () => {
    const { agent, test, signed } = await restart({
      first: [asksToSign],
      second: [{ text: 'No.' }],
    })
    await using _ = test
    expect(await answer(test, answerOf(agent, [verdict(false)]))).toBe('No.')
    expect(signed).toHaveLength(0)
    expect(JSON.stringify(test.model.requests[0]?.messages)).toContain('Not on a Monday.')
  })

  it('goes on with what the caller’s own tool returned', async () => {
    const { agent, test } = await restart({
      first: [{ toolCalls: [{ name: paper.name, arguments: {}, callId: 'call-paper' }] }],
      second: [{ text: 'Read.' }],
    })
    await using _ = test
    const returned = { status: 'success', text: 'The paper.', stdout: null, stderr: null } as const
    const answers = [{ kind: 'return', callId: 'call-paper', ...returned }] as const
    expect(await answer(test, answerOf(agent, answers))).toBe('Read.')
    expect(JSON.stringify(test.model.requests[0]?.messages)).toContain('The paper.')
  })

  it('makes the call when the process died between the answer and the call', async () => {
    const { agent, test, signed } = await restart({
      first: [asksToSign],
      second: [{ text: 'It is signed.' }],
      before: async (early, { id }) => {
        const conversationId = defaultConversationId(id)
        await early.app.runtime.pause(defaultScope, { conversationId, now: false })
        await early.app.runtime.answer(defaultScope, answerOf({ id } as Agent, [verdict(true)]))
      },
    })
    await using _ = test
    expect(signed).toHaveLength(0)
    const place = { conversationId: defaultConversationId(agent.id) }
    await test.app.runtime.resume(defaultScope, place)
    await test.clock.advance(1)
    expect(signed).toHaveLength(1)
    expect((await readHistory(test, agent.id)).at(-1)).toBe('assistant: It is signed.')
  })

  it('tells a first step that is tried again of the days since', async () => {
    await using test = await createTestApp({
      script: [{ failure: { code: 'llm_authentication', retryable: false } }, { text: 'Here.' }],
    })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Are you there?')
    await test.frames(run.id)
    await test.clock.advance(4 * day)
    const again = await test.app.runtime.retry(defaultScope, { runId: run.id })
    expect(lastText(await test.frames(again.run.id))).toBe('Here.')
    const shown = JSON.stringify(test.model.requests[1]?.messages)
    expect(shown).toContain('You were last here 4 days ago')
  })

  it('does not wait for a call that ignores the end of the process, nor make it again', async () => {
    const hold = Promise.withResolvers<void>()
    const { agent, test, signed } = await restart({
      first: [asksToSign],
      second: [{ text: 'Perhaps signed.' }],
      hold: hold.promise,
      before: async (early, asked) => {
        await early.app.runtime.answer(defaultScope, answerOf(asked, [verdict(true)]))
        await early.clock.advance(1)
      },
    })
    await using _ = test
    await test.app.runtime.recover(defaultScope, {
      conversationId: defaultConversationId(agent.id),
    })
    hold.resolve()
    expect(signed).toHaveLength(1)
    const shown = JSON.stringify(test.model.requests[0]?.messages)
    expect(shown).toContain('interrupted before its result was recorded')
    expect(shown).toContain('You were last here 4 days ago')
  })
})

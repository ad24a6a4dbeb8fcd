import { expect, it } from 'vitest'
import { describeStores } from '../../test/setup/describe-stores.ts'
import type { Agent } from '../domain/agent.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import type { PromptTrace } from '../domain/prompt-trace.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { createScriptedModel, type ScriptedModel } from '../testing/scripted-model.ts'

const filler = 'word '.repeat(120)

/** A model whose provider reports so many tokens for each request. */
function counting(report: () => number): ScriptedModel {
  return createScriptedModel({
    otherwise: (request) => {
      if (request.tools.length === 0) return { text: 'The user counts.' }
      return { text: `Noted. ${filler}`, usage: { promptTokens: report() } }
    },
  })
}

/** What the window of an agent's conversation is filled with. */
async function overview({ app }: TestApp, agent: Agent) {
  return await app.services.contexts.overview(defaultScope, defaultConversationId(agent.id))
}

async function traceOf(test: TestApp, agent: Agent): Promise<PromptTrace> {
  const sent = await test.app.services.contexts.sent(defaultScope, defaultConversationId(agent.id))
  return sent.trace
}

describeStores('what is learnt of how a model counts', (open) => {
  it('scales the breakdown, is still known after a restart, and ignores what cannot be true', async () => {
    const store = await open()
    let reported = 0
    const model = counting(() => reported)
    const shared: Store = { ...bind(store), close: async () => undefined }
    const first = await createTestApp({ store: shared, models: [model] })
    const agent = await first.createAgent()
    await first.ask(agent, `Hello. ${filler}`)
    const { sizes } = await traceOf(first, agent)
    const before = await overview(first, agent)
    expect(before.budget.tokenFactor).toBe(1)
    reported = (sizes.system + sizes.tools + sizes.messages) * 3
    await first.ask(agent, 'Far too much.')
    expect((await overview(first, agent)).budget.tokenFactor).toBe(1)
    const now = await overview(first, agent)
    reported = Math.round(now.tokens * 1.25)
    await first.ask(agent, 'x')
    const after = await overview(first, agent)
    expect(after.budget.tokenFactor).toBeCloseTo(1.25, 1)
    expect(after.sizes.tools).toBe(Math.round(before.sizes.tools * after.budget.tokenFactor))
    expect(after.budget.estimated).toBeLessThan(after.budget.request / 1.2)
    await first[Symbol.asyncDispose]()
    await using second = await createTestApp({ store, models: [model] })
    expect((await overview(second, agent)).budget).toEqual(after.budget)
  })

  it('compacts sooner where the provider counts more, and never later than the estimates allow', async () => {
    const requestsUntilCompacted = async (factor: number): Promise<number> => {
      let estimate = 0
      const model = counting(() => Math.round(estimate * factor))
      await using test = await createTestApp({ store: await open(), models: [model] })
      const agent = await test.createAgent({ contextWindow: 6000 })
      for (let said = 1; said < 40; said += 1) {
        const { tokenFactor } = (await overview(test, agent)).budget
        await test.ask(agent, `Message ${said}. ${filler}`)
        const { sizes, window, reserve, summaryId } = await traceOf(test, agent)
        const sent = sizes.system + sizes.tools + sizes.summary + sizes.messages
        estimate = Math.round(sent / tokenFactor)
        expect(estimate).toBeLessThanOrEqual(window - reserve)
        if (summaryId !== null) return said
      }
      return 40
    }
    const usual = await requestsUntilCompacted(0)
    expect(await requestsUntilCompacted(1.4)).toBeLessThan(usual)
    // Wrong or not, a low report gives a request no more room than its estimate has.
    expect(await requestsUntilCompacted(0.55)).toBeGreaterThanOrEqual(usual)
  })
})

/** The operations of a store as an object of their own. */
function bind(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

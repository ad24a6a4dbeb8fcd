import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../errors/app-error.ts'
import { startFakeProvider, type FakeProviderOptions } from '../testing/fake-provider.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { collectParts, sampleModelRequest } from '../testing/model-request.ts'
import { catalogue } from './catalogue.ts'
import { createModelSource } from './create-model-source.ts'
import type { ModelSettings, ProviderSettings } from './model-settings.ts'
import type { ModelSource } from './model-source.ts'

function source(given: Partial<ModelSettings> = {}): ModelSource {
  return createModelSource({
    providers: [],
    defaultModel: null,
    routes: [],
    maxRetries: 0,
    requestTimeoutMs: 5_000,
    ...given,
  })
}

function keyed(provider: string): ProviderSettings {
  return { provider, apiKey: 'key', baseUrl: null }
}

function at(provider: string, baseUrl: string): ProviderSettings {
  return { provider, apiKey: null, baseUrl }
}

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  if (!isAppError(thrown)) throw new Error(`no AppError: ${String(thrown)}`)
  return { code: thrown.code, message: thrown.message }
}

async function answerOf(models: ModelSource, handle: string): Promise<string> {
  const model = await models.resolve(handle)
  const parts = await collectParts(model.stream(sampleModelRequest()))
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

/** A fake provider that has the models named. */
function having(...models: readonly string[]): FakeProviderOptions {
  return { models, script: (body) => ({ text: body.model }) }
}

/** Nothing listens there. */
const dead = 'http://127.0.0.1:9/v1'

describe('a handle', () => {
  it('of the catalogue is known without asking anyone', async () => {
    const info = await source({ providers: [keyed('anthropic')] }).describe(
      'anthropic/claude-sonnet-4-5',
    )
    expect(info).toMatchObject({
      handle: 'anthropic/claude-sonnet-4-5',
      provider: 'anthropic',
      name: 'claude-sonnet-4-5',
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
      endpointType: 'anthropic',
      endpoint: 'https://api.anthropic.com/v1',
      extractive: false,
    })
  })

  it('of a provider without key says which variable is missing', async () => {
    const models = source()
    for (const [handle, variable] of [
      ['openai/gpt-4o', 'OPENAI_API_KEY'],
      ['anthropic/any', 'ANTHROPIC_API_KEY'],
      ['google_ai/gemini-2.5-pro', 'GEMINI_API_KEY'],
      ['openrouter/x/y', 'OPENROUTER_API_KEY'],
      ['vllm/llama', 'VLLM_API_BASE'],
      ['openai-proxy/gpt-4o', 'OPENAI_API_KEY'],
    ] as const) {
      const error = await errorOf(models.resolve(handle))
      expect(error.code).toBe('model_key_missing')
      expect(error.message).toContain(`Cannot use model ${handle}: ${variable} is missing.`)
    }
  })

  it.each(['nowhere/model', 'no-such-model', 'vllm/', 'vllm/typo', '/x', 'letta/nothing'])(
    'that nobody has, %s, is not found and named',
    async (handle) => {
      await using provider = await startFakeProvider(having('local-model'))
      const models = source({ providers: [at('vllm', provider.url)] })
      const error = await errorOf(models.describe(handle))
      expect(error.code).toBe('model_not_found')
      expect(error.message).toContain(handle)
    },
  )

  it('that is empty is refused', async () => {
    expect(await errorOf(source().resolve('  '))).toMatchObject({ code: 'model_not_found' })
  })
})

describe('an endpoint given by its address', () => {
  it('serves what it lists under openai/ and openai-proxy/, without a key', async () => {
    await using provider = await startFakeProvider(having('local-model', 'gpt-4o-mini'))
    const models = source({ providers: [at('openai', provider.url)] })
    expect(await answerOf(models, 'openai/local-model')).toBe('local-model')
    expect(await answerOf(models, 'openai-proxy/local-model')).toBe('local-model')
    expect(await answerOf(models, 'local-model')).toBe('local-model')
    expect(await models.canonicalHandle('local-model')).toBe('openai/local-model')
    expect(await models.canonicalHandle('openai-proxy/local-model')).toBe(
      'openai-proxy/local-model',
    )
    expect(provider.listings).toBe(1)
  })

  it('is not asked for its list when the catalogue knows the name', async () => {
    await using provider = await startFakeProvider(having('local-model'))
    const models = source({ providers: [at('openai', provider.url)] })
    expect(await answerOf(models, 'openai/gpt-4o')).toBe('gpt-4o')
    expect(provider.listings).toBe(0)
  })

  it('does not have what it does not list', async () => {
    await using provider = await startFakeProvider(having('local-model'))
    const models = source({ providers: [at('openai', provider.url)] })
    const error = await errorOf(models.resolve('openai/typo'))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toContain('openai/typo')
    expect(error.message).toContain(provider.url)
  })

  it('is asked again for a name that its list lacked a while ago', async () => {
    const listed: string[] = ['first']
    await using provider = await startFakeProvider({ models: listed })
    const clock = createFakeClock()
    const models = createModelSource(
      { providers: [at('vllm', provider.url)], defaultModel: null, routes: [] },
      { clock },
    )
    await errorOf(models.describe('vllm/second'))
    listed.push('second')
    expect(await errorOf(models.describe('vllm/second'))).toMatchObject({ code: 'model_not_found' })
    await clock.advance(10_000)
    expect(await models.describe('vllm/second')).toMatchObject({ name: 'second' })
    expect(provider.listings).toBe(2)
  })

  it('tells the window of its models', async () => {
    await using provider = await startFakeProvider({
      models: [{ id: 'big', max_model_len: 65_536 }, { id: 'unknown' }],
    })
    const models = source({ providers: [at('vllm', provider.url)] })
    expect(await models.describe('vllm/big')).toMatchObject({ contextWindow: 65_536 })
    expect(await models.describe('vllm/unknown')).toMatchObject({ contextWindow: 30_000 })
  })

  it('without a list is trusted to have what is asked of it', async () => {
    await using provider = await startFakeProvider({ models: null })
    const models = source({ providers: [at('openai', provider.url)] })
    expect(await models.canonicalHandle('openai/anything')).toBe('openai/anything')
  })

  it('that is dead cannot be switched to, but what was accepted for it is not refused', async () => {
    const models = source({ providers: [at('openai', dead)] })
    const error = await errorOf(models.canonicalHandle('openai/local-model'))
    expect(error.code).toBe('llm_unreachable')
    expect(error.message).toContain('OPENAI_BASE_URL')
    expect(await models.describe('openai/local-model')).toMatchObject({ name: 'local-model' })
    const model = await models.resolve('openai/local-model')
    expect(await collectParts(model.stream(sampleModelRequest()))).toMatchObject([
      { type: 'error', error: { code: 'llm_unreachable' } },
    ])
  })

  it('may be given without its version', async () => {
    await using provider = await startFakeProvider(having('local-model'))
    const models = source({ providers: [at('vllm', provider.url.replace('/v1', '/'))] })
    expect(await answerOf(models, 'vllm/local-model')).toBe('local-model')
  })
})

describe('a bare name', () => {
  it('means the one provider that has it', async () => {
    const models = source({ providers: [keyed('openai'), keyed('anthropic')] })
    expect(await models.canonicalHandle('gpt-4o')).toBe('openai/gpt-4o')
    expect(await models.canonicalHandle(' claude-haiku-4-5 ')).toBe('anthropic/claude-haiku-4-5')
  })

  it('with a slash of its own is found too', async () => {
    await using provider = await startFakeProvider(having('qwen/qwen3-4b'))
    const models = source({ providers: [at('lmstudio_openai', provider.url)] })
    expect(await models.canonicalHandle('qwen/qwen3-4b')).toBe('lmstudio_openai/qwen/qwen3-4b')
  })

  it('of a provider without key says which key is missing', async () => {
    const error = await errorOf(source().canonicalHandle('gpt-4o'))
    expect(error.code).toBe('model_key_missing')
    expect(error.message).toContain('gpt-4o')
    expect(error.message).toContain('OPENAI_API_KEY')
  })

  it('that several providers have lists their handles', async () => {
    await using one = await startFakeProvider(having('shared'))
    await using other = await startFakeProvider(having('shared'))
    const models = source({ providers: [at('vllm', one.url), at('sglang', other.url)] })
    const error = await errorOf(models.canonicalHandle('shared'))
    expect(error.code).toBe('model_ambiguous')
    expect(error.message).toContain('vllm/shared, sglang/shared')
  })

  it('says which endpoint could not be asked', async () => {
    const error = await errorOf(source({ providers: [at('vllm', dead)] }).canonicalHandle('llama'))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toContain(`${dead} could not be asked: it cannot be reached`)
  })
})

describe('letta/auto', () => {
  it('is the offline mode when nothing is configured, under every alias', async () => {
    const models = source()
    for (const handle of ['letta/auto', 'letta/auto-chat', 'letta/letta-free', 'auto']) {
      const model = await models.resolve(handle)
      expect(model.info).toMatchObject({ handle: 'letta/offline', extractive: true })
    }
  })

  it('is the configured default before anything else', async () => {
    const models = source({
      providers: [keyed('openai'), keyed('anthropic')],
      defaultModel: 'claude-haiku-4-5',
    })
    expect(await models.describe('letta/auto')).toMatchObject({
      handle: 'anthropic/claude-haiku-4-5',
    })
  })

  it('is an error, and never another model, when the configured default cannot be used', async () => {
    const models = source({ providers: [keyed('anthropic')], defaultModel: 'openai/gpt-4o' })
    expect(await errorOf(models.resolve('letta/auto'))).toMatchObject({ code: 'model_key_missing' })
  })

  it('is the first provider that has a key', async () => {
    const both = source({ providers: [keyed('groq'), keyed('anthropic')] })
    expect(await both.describe('letta/auto')).toMatchObject({ provider: 'anthropic' })
    const one = source({ providers: [keyed('google_ai')] })
    expect(await one.describe('letta/auto-fast')).toMatchObject({ provider: 'google_ai' })
  })

  it('is gpt-4o-mini at an endpoint that lists it, else the first chat model it lists', async () => {
    await using one = await startFakeProvider(having('big-model', 'gpt-4o-mini'))
    await using other = await startFakeProvider(having('text-embedding-3-small', 'my-model', 'b'))
    const first = source({ providers: [at('openai', one.url)] })
    expect(await answerOf(first, 'letta/auto')).toBe('gpt-4o-mini')
    const second = source({ providers: [at('lmstudio_openai', other.url)] })
    expect(await answerOf(second, 'letta/auto')).toBe('my-model')
  })

  it.each(['openai', 'lmstudio_openai'])(
    'is never offline when %s is configured but dead: the call says so',
    async (provider) => {
      const models = source({ providers: [at(provider, dead)] })
      const model = await models.resolve('letta/auto')
      expect(model.info).toMatchObject({ provider, extractive: false })
      const parts = await collectParts(model.stream(sampleModelRequest()))
      expect(parts).toMatchObject([{ type: 'error', error: { code: 'llm_unreachable' } }])
      expect(JSON.stringify(parts)).toContain(dead)
    },
  )

  it('keeps its name as a canonical handle', async () => {
    const models = source({ providers: [keyed('openai')] })
    expect(await models.canonicalHandle('letta/auto')).toBe('letta/auto')
    expect(await models.canonicalHandle('letta/offline')).toBe('letta/offline')
  })
})

describe('a route', () => {
  it('with a wildcard serves the catalogue and what the endpoint lists, without any key', async () => {
    await using provider = await startFakeProvider(having('gpt-4o-mini', 'own-model'))
    const models = source({ routes: [{ pattern: '*', url: provider.url }] })
    expect(await answerOf(models, 'openai/gpt-4o')).toBe('gpt-4o')
    expect(await answerOf(models, 'anthropic/claude-sonnet-4-5')).toBe('claude-sonnet-4-5')
    expect(await answerOf(models, 'google_ai/gemini-2.5-pro')).toBe('gemini-2.5-pro')
    expect(await answerOf(models, 'openai/own-model')).toBe('own-model')
    expect(await answerOf(models, 'letta/auto')).toBe('gpt-4o-mini')
    expect(await models.canonicalHandle('own-model')).toBe('openai-proxy/own-model')
    expect(await models.canonicalHandle('gpt-4o')).toBe('openai/gpt-4o')
  })

  it('with a wildcard leaves an unknown handle an error', async () => {
    await using provider = await startFakeProvider(having('gpt-4o-mini'))
    await using silent = await startFakeProvider({ models: null })
    for (const url of [provider.url, silent.url]) {
      const models = source({ routes: [{ pattern: '*', url }] })
      const error = await errorOf(models.resolve('openai/no-such-model'))
      expect(error).toMatchObject({ code: 'model_not_found' })
      expect(error.message).toContain('openai/no-such-model')
    }
  })

  it('without a wildcard serves its handle whether or not it is listed', async () => {
    await using provider = await startFakeProvider(having('something-else'))
    const routes = [{ pattern: 'openai/special', url: provider.url }]
    const models = source({ providers: [keyed('openai')], routes })
    expect(await answerOf(models, 'openai/special')).toBe('special')
    expect(await models.describe('openai/gpt-4o')).toMatchObject({
      endpoint: 'https://api.openai.com/v1',
    })
  })

  it('matches by its first fitting pattern', async () => {
    await using one = await startFakeProvider({ script: () => ({ text: 'one' }) })
    await using other = await startFakeProvider({ script: () => ({ text: 'other' }) })
    const models = source({
      routes: [
        { pattern: 'anthropic/claude-*-5', url: one.url },
        { pattern: '*', url: other.url },
      ],
    })
    expect(await answerOf(models, 'anthropic/claude-haiku-4-5')).toBe('one')
    expect(await answerOf(models, 'anthropic/claude-sonnet-4-6')).toBe('other')
  })

  it("never receives the provider's key, only the one written into it", async () => {
    await using provider = await startFakeProvider()
    const plain = source({
      providers: [keyed('openai')],
      routes: [{ pattern: '*', url: provider.url }],
    })
    await answerOf(plain, 'openai/gpt-4o')
    const url = provider.url.replace('http://', 'http://route-key@')
    const withKey = source({ routes: [{ pattern: '*', url }] })
    await answerOf(withKey, 'openai/gpt-4o')
    expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer route-key',
    ])
    expect(JSON.stringify(await withKey.list())).not.toContain('route-key')
  })
})

describe('list()', () => {
  it('has our own handles alone when nothing is configured', async () => {
    expect((await source().list()).map(({ handle }) => handle)).toEqual([
      'letta/auto',
      'letta/auto-chat',
      'letta/auto-fast',
      'letta/auto-memory',
      'letta/letta-free',
      'letta/offline',
    ])
  })

  it('has the catalogue of providers with a key and the list of other endpoints, in order', async () => {
    await using provider = await startFakeProvider(having('zeta', 'alpha'))
    const models = source({ providers: [at('vllm', provider.url), keyed('anthropic')] })
    const handles = (await models.list()).map(({ handle }) => handle)
    const known = catalogue
      .filter((entry) => entry.provider === 'anthropic')
      .map((entry) => `anthropic/${entry.name}`)
    expect(handles.slice(6)).toEqual([...known.toSorted(), 'vllm/alpha', 'vllm/zeta'])
  })

  it('has each model of a routed endpoint once', async () => {
    await using provider = await startFakeProvider(having('gpt-4o-mini', 'own-model'))
    const models = source({ routes: [{ pattern: '*', url: provider.url }] })
    const handles = (await models.list()).map(({ handle }) => handle)
    expect(handles.filter((handle) => handle.endsWith('/gpt-4o-mini'))).toEqual([
      'openai/gpt-4o-mini',
    ])
    expect(handles).toContain('openai-proxy/own-model')
    expect(new Set(handles).size).toBe(handles.length)
  })

  it('does not fail when an endpoint is dead', async () => {
    const models = source({ providers: [at('vllm', dead), keyed('openai')] })
    const handles = (await models.list()).map(({ handle }) => handle)
    expect(handles).toContain('openai/gpt-4o')
  })
})

describe('the model source', () => {
  it('keeps a hundred models with what was written for them, however many names there are', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `model-${index}`)
    await using provider = await startFakeProvider(having(...names))
    const models = source({ providers: [at('vllm', provider.url)] })
    const handles = names.map((name) => `vllm/${name}`)
    const [first = '', second = ''] = handles
    const firsts = [await models.resolve(first), await models.resolve(second)]
    expect(await models.resolve(first)).toBe(firsts[0])
    for (const handle of handles) await models.resolve(handle)
    expect(await models.resolve(second)).toBe(firsts[1])
    expect(await models.resolve(first)).not.toBe(firsts[0])
  })

  it('loads no provider package until a model is called', async () => {
    const url = new URL('./create-model-source.ts', import.meta.url).href
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
      const { createModelSource } = await import(${JSON.stringify(url)})
      const providers = [{ provider: 'openai', apiKey: 'x', baseUrl: null }]
      const models = createModelSource({ providers, defaultModel: null, routes: [] })
      await models.resolve('openai/gpt-4o')
      await models.list()
      process.stdout.write(String(loaded.filter((one) => one.includes('@ai-sdk')).length))
    `
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout).toBe('0')
  })
})

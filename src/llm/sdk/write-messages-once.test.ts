import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { startWireServer, type WireServer } from '../../testing/wire-server.ts'
import { wireAnswers } from '../../testing/wire-answers.ts'
import { providerDefinitions } from '../provider-definitions.ts'
import { compatibleOptionsKey, loadSdkModel } from './load-sdk-model.ts'
import { type SdkModel, writeMessagesOnce } from './write-messages-once.ts'

const prompt: LanguageModelV4Prompt = [
  { role: 'system', content: 'Be "brief".\n' },
  { role: 'user', content: [{ type: 'text', text: 'Look: $& 🐘 \ud800' }] },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'A picture.' },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGVsbG8=' } },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Calling.' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: '{"left":1}' },
      { type: 'tool-call', toolCallId: 'c2', toolName: 'add', input: { left: 2 } },
    ],
  },
  {
    role: 'tool',
    content: ['c1', 'c2'].map((toolCallId) => ({
      type: 'tool-result',
      toolCallId,
      toolName: 'add',
      output: { type: 'text', value: 'Done.' },
    })),
  },
  { role: 'tool', content: [] },
  { role: 'assistant', content: [{ type: 'text', text: 'x'.repeat(20_000) }] },
  { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
]

const options: LanguageModelV4CallOptions = {
  prompt,
  maxOutputTokens: 100,
  tools: [{ type: 'function', name: 'add', inputSchema: { type: 'object', properties: {} } }],
  toolChoice: { type: 'auto' },
  providerOptions: { [compatibleOptionsKey]: { parallel_tool_calls: false } },
}

function startEndpoint(): Promise<WireServer> {
  return startWireServer(() => ({ chunks: wireAnswers['openai-compatible'].chunks }))
}

async function ask(model: SdkModel, given = options): Promise<void> {
  const { stream } = await model.doStream(given)
  for await (const _ of stream);
}

async function ours(server: WireServer): Promise<SdkModel> {
  const definition = providerDefinitions.find(({ name }) => name === 'vllm')
  if (definition === undefined) throw new Error('no provider vllm')
  const endpoint = {
    url: server.url,
    apiKey: null,
    custom: true,
    urlVariable: definition.urlVariable,
  }
  return await loadSdkModel({
    endpoint: { ...endpoint, definition, kind: 'openai-compatible' },
    name: 'test-model',
    openAiApi: 'chat',
  })
}

test('writeMessagesOnce() sends the bytes that the package sends, in the first call and the next', async () => {
  await using server = await startEndpoint()
  const plain = createOpenAICompatible({
    name: compatibleOptionsKey,
    baseURL: server.url,
    includeUsage: true,
    supportsStructuredOutputs: true,
  }).chatModel('test-model')
  await ask(plain)
  const model = await ours(server)
  for (let call = 0; call < 2; call += 1) await ask(model)
  const [expected, first, second] = server.requests.map(({ body }) => body)
  expect(expected).toContain('And now?')
  expect(first).toBe(expected)
  expect(second).toBe(expected)
})

test('writeMessagesOnce() gives each of several calls at once its own messages', async () => {
  await using server = await startEndpoint()
  const model = await ours(server)
  const texts = ['one', 'two', 'three']
  const prompts = texts.map((text): LanguageModelV4Prompt => [
    { role: 'user', content: [{ type: 'text', text }] },
  ])
  await Promise.all(prompts.map((own) => ask(model, { ...options, prompt: own })))
  const sent = server.requests.map(
    ({ body }) => (JSON.parse(body) as { messages: { content: string }[] }).messages,
  )
  expect(sent.map((messages) => messages.map(({ content }) => content).join()).toSorted()).toEqual(
    texts.toSorted(),
  )
})

test('writeMessagesOnce() refuses a body that has lost its messages', async () => {
  const model = writeMessagesOnce({
    createModel: (fetch) => ({
      doStream: async () => {
        await fetch('http://127.0.0.1:1/', { method: 'POST', body: '{}' })
        throw new Error('It was sent')
      },
    }),
    toBody: (message) => [message],
  })
  await expect(model.doStream(options)).rejects.toThrow('lost its messages')
})

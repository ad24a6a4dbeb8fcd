import { toEventStream } from './wire-server.ts'
import type { ModelPart } from '../llm/model.ts'
import type { ProviderKind } from '../llm/provider-definitions.ts'

/** The same answer as each kind of provider sends it, and the parts it must become; call ids are `id`. */
interface WireAnswer {
  readonly chunks: readonly string[]
  readonly parts: readonly ModelPart[]
}

const textParts: readonly ModelPart[] = [
  { type: 'text-delta', text: 'Let me ' },
  { type: 'text-delta', text: 'count.' },
]

const addStart: ModelPart = { type: 'tool-call-start', index: 0, callId: 'id', name: 'add' }
const nowStart: ModelPart = { type: 'tool-call-start', index: 1, callId: 'id', name: 'now' }

function delta(index: number, argumentsText: string): ModelPart {
  return { type: 'tool-call-delta', index, argumentsText }
}

function end(index: number, name: string, json: string): ModelPart {
  return { type: 'tool-call-end', index, callId: 'id', name, arguments: json }
}

function chatChunk(change: object, finishReason: string | null = null): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'test-model',
    choices: [{ index: 0, delta: change, finish_reason: finishReason }],
  }
}

const chat: WireAnswer = {
  chunks: [
    ...toEventStream([
      chatChunk({ role: 'assistant', content: '' }),
      chatChunk({ reasoning_content: 'Two calls.' }),
      chatChunk({ content: 'Let me ' }),
      chatChunk({ content: 'count.' }),
      chatChunk({
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: 'add', arguments: '' } },
        ],
      }),
      chatChunk({
        tool_calls: [
          { index: 1, id: 'call_2', type: 'function', function: { name: 'now', arguments: '' } },
        ],
      }),
      chatChunk({ tool_calls: [{ index: 0, function: { arguments: '{"left"' } }] }),
      chatChunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
      chatChunk({ tool_calls: [{ index: 0, function: { arguments: ': 1}' } }] }),
      chatChunk({}, 'tool_calls'),
      {
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'test-model',
        choices: [],
        usage: {
          prompt_tokens: 162,
          completion_tokens: 33,
          total_tokens: 195,
          prompt_tokens_details: { cached_tokens: 50 },
          completion_tokens_details: { reasoning_tokens: 7 },
        },
      },
    ]),
    'data: [DONE]\n\n',
  ],
  parts: [
    { type: 'reasoning-delta', text: 'Two calls.', signature: null },
    ...textParts,
    addStart,
    nowStart,
    delta(0, '{"left"'),
    delta(1, '{}'),
    delta(0, ': 1}'),
    end(0, 'add', '{"left": 1}'),
    end(1, 'now', '{}'),
    finish({ cachedInputTokens: 50, cacheWriteTokens: null, reasoningTokens: 7 }),
  ],
}

const anthropic: WireAnswer = {
  chunks: toEventStream(
    [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'test-model',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: {
            input_tokens: 12,
            cache_creation_input_tokens: 100,
            cache_read_input_tokens: 50,
            output_tokens: 1,
          },
        },
      },
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      { type: 'ping' },
      change(0, { type: 'thinking_delta', thinking: 'Two ' }),
      change(0, { type: 'thinking_delta', thinking: 'calls.' }),
      change(0, { type: 'signature_delta', signature: 'c2ln' }),
      { type: 'content_block_stop', index: 0 },
      block(1, { type: 'redacted_thinking', data: 'b3BhcXVl' }),
      { type: 'content_block_stop', index: 1 },
      block(2, { type: 'text', text: '' }),
      change(2, { type: 'text_delta', text: 'Let me ' }),
      change(2, { type: 'text_delta', text: 'count.' }),
      { type: 'content_block_stop', index: 2 },
      block(3, { type: 'tool_use', id: 'toolu_1', name: 'add', input: {} }),
      change(3, { type: 'input_json_delta', partial_json: '' }),
      change(3, { type: 'input_json_delta', partial_json: '{"left"' }),
      change(3, { type: 'input_json_delta', partial_json: ': 1}' }),
      { type: 'content_block_stop', index: 3 },
      block(4, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
      { type: 'content_block_stop', index: 4 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { output_tokens: 33 },
      },
      { type: 'message_stop' },
    ],
    { named: true },
  ),
  parts: [
    { type: 'reasoning-delta', text: 'Two ', signature: null },
    { type: 'reasoning-delta', text: 'calls.', signature: null },
    { type: 'reasoning-delta', text: '', signature: 'c2ln' },
    { type: 'reasoning-hidden', data: 'b3BhcXVl' },
    ...textParts,
    addStart,
    delta(0, '{"left"'),
    delta(0, ': 1}'),
    end(0, 'add', '{"left": 1}'),
    nowStart,
    delta(1, '{}'),
    end(1, 'now', '{}'),
    finish({ cachedInputTokens: 50, cacheWriteTokens: 100, reasoningTokens: null }),
  ],
}

const google: WireAnswer = {
  chunks: toEventStream([
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Two calls.', thought: true }] } }],
      usageMetadata: { promptTokenCount: 162, totalTokenCount: 162 },
      modelVersion: 'test-model',
    },
    { candidates: [{ content: { role: 'model', parts: [{ text: 'Let me ' }] } }] },
    { candidates: [{ content: { role: 'model', parts: [{ text: 'count.' }] } }] },
    {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              {
                functionCall: { name: 'add', args: { left: 1 } },
                thoughtSignature: 'dGhvdWdodA==',
              },
            ],
          },
        },
      ],
    },
    {
      candidates: [
        { content: { role: 'model', parts: [{ functionCall: { name: 'now', args: {} } }] } },
      ],
    },
    {
      candidates: [{ content: { role: 'model', parts: [] }, finishReason: 'STOP' }],
      usageMetadata: {
        promptTokenCount: 162,
        candidatesTokenCount: 26,
        thoughtsTokenCount: 7,
        cachedContentTokenCount: 50,
        totalTokenCount: 195,
      },
    },
  ]),
  parts: [
    { type: 'reasoning-delta', text: 'Two calls.', signature: null },
    ...textParts,
    addStart,
    delta(0, '{"left":1}'),
    {
      type: 'reasoning-hidden',
      data: JSON.stringify({ callId: 'id', thoughtSignature: 'dGhvdWdodA==' }),
    },
    end(0, 'add', '{"left":1}'),
    nowStart,
    delta(1, '{}'),
    end(1, 'now', '{}'),
    finish({ cachedInputTokens: 50, cacheWriteTokens: null, reasoningTokens: 7 }),
  ],
}

const responses: WireAnswer = {
  chunks: toEventStream(
    [
      {
        type: 'response.created',
        response: { id: 'resp_1', created_at: 1, model: 'test-model' },
      },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'reasoning', id: 'rs_1', encrypted_content: null, summary: [] },
      },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'reasoning', id: 'rs_1', encrypted_content: 'ZW5j', summary: [] },
      },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [],
          status: 'in_progress',
        },
      },
      ...['Let me ', 'count.'].map((text) => ({
        type: 'response.output_text.delta',
        item_id: 'msg_1',
        output_index: 1,
        content_index: 0,
        delta: text,
      })),
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Let me count.', annotations: [] }],
        },
      },
      ...functionCall(2, { name: 'add', pieces: ['{"left"', ': 1}'] }),
      ...functionCall(3, { name: 'now', pieces: ['{}'] }),
      {
        type: 'response.completed',
        response: {
          id: 'resp_1',
          usage: {
            input_tokens: 162,
            input_tokens_details: { cached_tokens: 50 },
            output_tokens: 33,
            output_tokens_details: { reasoning_tokens: 7 },
          },
        },
      },
    ],
    { named: true },
  ),
  parts: [
    {
      type: 'reasoning-hidden',
      data: JSON.stringify({ itemId: 'rs_1', reasoningEncryptedContent: 'ZW5j' }),
    },
    ...textParts,
    addStart,
    delta(0, '{"left"'),
    delta(0, ': 1}'),
    end(0, 'add', '{"left": 1}'),
    nowStart,
    delta(1, '{}'),
    end(1, 'now', '{}'),
    finish({ cachedInputTokens: 50, cacheWriteTokens: null, reasoningTokens: 7 }),
  ],
}

/** One answer in the wire format of every kind of provider: thoughts, text, two calls, usage with cached tokens. */
export const wireAnswers: Readonly<Record<ProviderKind, WireAnswer>> = {
  'openai-compatible': chat,
  openai: responses,
  anthropic,
  google,
}

function finish(usage: {
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number | null
  readonly reasoningTokens: number | null
}): ModelPart {
  return {
    type: 'finish',
    reason: 'tool-calls',
    usage: { promptTokens: 162, completionTokens: 33, totalTokens: 195, ...usage },
  }
}

function block(index: number, content: object): object {
  return { type: 'content_block_start', index, content_block: content }
}

function change(index: number, content: object): object {
  return { type: 'content_block_delta', index, delta: content }
}

function functionCall(
  index: number,
  call: { readonly name: string; readonly pieces: readonly string[] },
): readonly object[] {
  const item = { type: 'function_call', id: `fc_${index}`, call_id: `call_${index}` }
  const json = call.pieces.join('')
  return [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: { ...item, name: call.name, arguments: '', status: 'in_progress' },
    },
    ...call.pieces.map((piece) => ({
      type: 'response.function_call_arguments.delta',
      item_id: item.id,
      output_index: index,
      delta: piece,
    })),
    {
      type: 'response.function_call_arguments.done',
      item_id: item.id,
      output_index: index,
      arguments: json,
    },
    {
      type: 'response.output_item.done',
      output_index: index,
      item: { ...item, name: call.name, arguments: json, status: 'completed' },
    },
  ]
}

/** The part of a chat completion request that the endpoint looks at. */
export interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[]
}

/** What the endpoint answers. */
export type EndpointReply =
  | { readonly kind: 'text'; readonly words: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: string }

/** The role and text of the newest message. */
export interface NewestMessage {
  readonly role: string
  readonly text: string
}

/** The newest message of a request. */
export function toTexts(body: ChatRequest): NewestMessage {
  const newest = body.messages.at(-1)
  const content = newest?.content
  return {
    role: newest?.role ?? '',
    text: typeof content === 'string' ? content : JSON.stringify(content ?? ''),
  }
}

/**
 * Decides by the newest message: `REMEMBER …` calls core_memory_append once, `WORDS n` is answered with so many words,
 * everything else with one.
 */
export function decideReply({ role, text }: NewestMessage): EndpointReply {
  if (role === 'tool') return { kind: 'text', words: ['done'] }
  const remember = /REMEMBER ([^"\\]*)/.exec(text)?.[1]
  if (remember !== undefined) {
    const content = remember.trim()
    return {
      kind: 'call',
      name: 'core_memory_append',
      arguments: JSON.stringify({ label: 'human', content }),
    }
  }
  const words = Number(/WORDS (\d+)/.exec(text)?.[1] ?? 1)
  return { kind: 'text', words: Array.from({ length: words }, (_, index) => `word${index} `) }
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

/** A reply in one piece. */
export function toCompletion(model: string, reply: EndpointReply): object {
  const message =
    reply.kind === 'text'
      ? { role: 'assistant', content: reply.words.join('') }
      : { role: 'assistant', content: null, tool_calls: [toCall(reply)] }
  return {
    ...envelope(model, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    usage,
  }
}

/** A reply in the pieces of a stream, one a word. */
export function toChunks(model: string, reply: EndpointReply): object[] {
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...envelope(model, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })
  const deltas =
    reply.kind === 'text'
      ? reply.words.map((content) => ({ content }))
      : [{ tool_calls: [{ index: 0, ...toCall(reply) }] }]
  return [
    chunk({ role: 'assistant', content: '' }),
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finishOf(reply)),
    { ...envelope(model, 'chat.completion.chunk'), choices: [], usage },
  ]
}

function toCall(reply: Extract<EndpointReply, { kind: 'call' }>): object {
  const id = `call_${Math.random().toString(36).slice(2)}`
  return { id, type: 'function', function: { name: reply.name, arguments: reply.arguments } }
}

function finishOf(reply: EndpointReply): string {
  return reply.kind === 'text' ? 'stop' : 'tool_calls'
}

function envelope(model: string, object: string): object {
  return { id: 'chatcmpl-bench', object, created: 1, model }
}

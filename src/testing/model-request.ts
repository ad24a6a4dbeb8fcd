import type { ModelPart, ModelRequest } from '../llm/model.ts'

/** A request that says "hi", with whatever a test needs in its place. */
export function sampleModelRequest(given: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: 'You are helpful.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    tools: [],
    toolChoice: 'auto',
    parallelToolCalls: true,
    maxOutputTokens: null,
    temperature: null,
    settings: {},
    signal: new AbortController().signal,
    ...given,
  }
}

/** All parts of a stream, in order. */
export async function collectParts(
  stream: AsyncIterable<ModelPart>,
): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

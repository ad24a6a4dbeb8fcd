import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import { z } from 'zod'
import { networkFetch } from '../../net/network-fetch.ts'
import type { Endpoint } from '../endpoint.ts'
import { type SdkModel, writeMessagesOnce } from './write-messages-once.ts'

/** What the packages get in place of a key where none is needed, as they refuse to work without one. */
const noKey = 'none'

/** The API of OpenAI a model is called through. */
export type OpenAiApi = 'responses' | 'chat'

/** Loads the package of an endpoint's kind and makes its client of one model. */
export async function loadSdkModel(input: {
  readonly endpoint: Endpoint
  readonly name: string
  readonly openAiApi: OpenAiApi
}): Promise<SdkModel> {
  const { endpoint, name } = input
  const { url: baseURL, apiKey } = endpoint
  switch (endpoint.kind) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      const provider = createOpenAI({ baseURL, apiKey: apiKey ?? noKey, fetch: networkFetch })
      return input.openAiApi === 'responses' ? provider.responses(name) : provider.chat(name)
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic({
        baseURL,
        apiKey: apiKey ?? noKey,
        fetch: networkFetch,
      }).languageModel(name)
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return createGoogle({ baseURL, apiKey: apiKey ?? noKey, fetch: networkFetch }).languageModel(
        name,
      )
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const { convertToOpenAICompatibleChatMessages: toMessages } =
        await import('@ai-sdk/openai-compatible/internal')
      const createModel = (fetch: typeof globalThis.fetch): SdkModel =>
        createOpenAICompatible({
          name: compatibleOptionsKey,
          baseURL,
          ...(apiKey !== null && { apiKey }),
          includeUsage: true,
          supportsStructuredOutputs: true,
          convertUsage: toCompatibleUsage,
          fetch,
        }).chatModel(name)
      const names = { provider: compatibleOptionsKey, providerOptionsKey: compatibleOptionsKey }
      return writeMessagesOnce({
        createModel,
        toBody: (message) => toMessages([message], names),
      })
    }
  }
}

/** Under which key options for an OpenAI-compatible endpoint are passed. */
export const compatibleOptionsKey = 'openaiCompatible'

/** The usage an endpoint reports; what it does not mention stays unknown, where the package would say 0. */
function toCompatibleUsage(reported: unknown): LanguageModelV4Usage {
  const usage = reportedUsage.parse(reported)
  const cacheRead = usage.prompt_tokens_details?.cached_tokens
  const reasoning = usage.completion_tokens_details?.reasoning_tokens
  return {
    inputTokens: {
      total: usage.prompt_tokens,
      noCache: undefined,
      cacheRead,
      cacheWrite: undefined,
    },
    outputTokens: { total: usage.completion_tokens, text: undefined, reasoning },
  }
}

const count = z.number().int().nonnegative().optional().catch(undefined)

const reportedUsage = z
  .looseObject({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_tokens_details: z.looseObject({ cached_tokens: count }).optional().catch(undefined),
    completion_tokens_details: z
      .looseObject({ reasoning_tokens: count })
      .optional()
      .catch(undefined),
  })
  .catch({})

import { defineText, defineUrl, type SettingDefinition } from './setting.ts'

/** The environment variables of one model provider; of several names for one thing the first that is set counts. */
export interface ProviderVariables {
  /** The first part of the provider's handles. */
  readonly provider: string
  /** How people know it. */
  readonly label: string
  readonly apiKeys: readonly SettingDefinition<string | null>[]
  readonly baseUrls: readonly SettingDefinition<string | null>[]
}

/** What was found for one provider. */
export interface ProviderSettings {
  readonly provider: string
  readonly apiKey: string | null
  readonly baseUrl: string | null
  /** The variable to name when the key is missing; null for a provider that needs none. */
  readonly keyVariable: string | null
}

/** The providers whose keys and addresses come from the environment. */
export const providerVariables: readonly ProviderVariables[] = [
  variables({ provider: 'openai', label: 'OpenAI', urls: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'] }),
  variables({ provider: 'anthropic', label: 'Anthropic', urls: ['ANTHROPIC_BASE_URL'] }),
  variables({
    provider: 'google_ai',
    label: 'Google Gemini',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    urls: ['GEMINI_BASE_URL'],
  }),
  variables({ provider: 'openrouter', label: 'OpenRouter' }),
  variables({ provider: 'groq', label: 'Groq' }),
  variables({ provider: 'deepseek', label: 'DeepSeek' }),
  variables({ provider: 'xai', label: 'xAI' }),
  variables({ provider: 'together', label: 'Together AI' }),
  variables({ provider: 'zai', label: 'Z.ai' }),
  variables({ provider: 'baseten', label: 'Baseten' }),
  local({ provider: 'lmstudio_openai', label: 'LM Studio', urls: ['LMSTUDIO_BASE_URL'] }),
  local({ provider: 'vllm', label: 'vLLM', urls: ['VLLM_API_BASE', 'VLLM_BASE_URL'] }),
  local({ provider: 'sglang', label: 'SGLang', urls: ['SGLANG_API_BASE'] }),
]

function variables(input: {
  readonly provider: string
  readonly label: string
  readonly keys?: readonly string[]
  readonly urls?: readonly string[]
}): ProviderVariables {
  const { provider, label } = input
  const prefix = provider.toUpperCase()
  return {
    provider,
    label,
    apiKeys: (input.keys ?? [`${prefix}_API_KEY`]).map((variable) =>
      defineText({
        variable,
        description: `The key for ${label}.`,
        defaultText: 'none',
        secret: true,
      }),
    ),
    baseUrls: (input.urls ?? [`${prefix}_BASE_URL`]).map((variable) =>
      defineUrl({
        variable,
        description: `Another endpoint that speaks the API of ${label}.`,
        defaultText: "the provider's own",
      }),
    ),
  }
}

function local(input: {
  readonly provider: string
  readonly label: string
  readonly urls: readonly string[]
}): ProviderVariables {
  return variables({ ...input, keys: [] })
}

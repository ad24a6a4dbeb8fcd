/** The ways of speaking to a provider; each stands for one provider package. */
export type ProviderKind = 'openai' | 'anthropic' | 'google' | 'openai-compatible'

/** What is fixed about a provider. */
export interface ProviderDefinition {
  /** The first part of its handles. */
  readonly name: string
  /** How people know it. */
  readonly label: string
  readonly kind: ProviderKind
  /** The variable to name when the key is missing; null for a provider that needs none. */
  readonly keyVariable: string | null
  /** The variable that holds another endpoint. */
  readonly urlVariable: string
  /** The provider's own base URL; null = there is none, it is used only when an endpoint is given. */
  readonly url: string | null
  /** The wire's `model_endpoint_type`. */
  readonly endpointType: string
  /** The model that `letta/auto` takes; null = the first chat model the endpoint lists. */
  readonly defaultModel: string | null
}

/**
 * The providers in the order `letta/auto` looks for one that can be used.
 *
 * The names are those of the original server, so that handles in agents made there go on working.
 */
export const providerDefinitions: readonly ProviderDefinition[] = [
  {
    name: 'openai',
    label: 'OpenAI',
    kind: 'openai',
    keyVariable: 'OPENAI_API_KEY',
    urlVariable: 'OPENAI_BASE_URL',
    url: 'https://api.openai.com/v1',
    endpointType: 'openai',
    defaultModel: 'gpt-5.4-mini',
  },
  {
    name: 'anthropic',
    label: 'Anthropic',
    kind: 'anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    urlVariable: 'ANTHROPIC_BASE_URL',
    url: 'https://api.anthropic.com/v1',
    endpointType: 'anthropic',
    defaultModel: 'claude-sonnet-5',
  },
  {
    name: 'google_ai',
    label: 'Google Gemini',
    kind: 'google',
    keyVariable: 'GEMINI_API_KEY',
    urlVariable: 'GEMINI_BASE_URL',
    url: 'https://generativelanguage.googleapis.com/v1beta',
    endpointType: 'google_ai',
    defaultModel: 'gemini-3.5-flash',
  },
  compatible({
    name: 'openrouter',
    label: 'OpenRouter',
    url: 'https://openrouter.ai/api/v1',
    defaultModel: 'openrouter/auto',
  }),
  compatible({
    name: 'groq',
    label: 'Groq',
    url: 'https://api.groq.com/openai/v1',
    defaultModel: 'openai/gpt-oss-120b',
  }),
  compatible({
    name: 'deepseek',
    label: 'DeepSeek',
    url: 'https://api.deepseek.com/v1',
    defaultModel: 'deepseek-chat',
  }),
  compatible({
    name: 'xai',
    label: 'xAI',
    url: 'https://api.x.ai/v1',
    defaultModel: 'grok-4',
  }),
  compatible({
    name: 'together',
    label: 'Together AI',
    url: 'https://api.together.xyz/v1',
    defaultModel: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  }),
  compatible({
    name: 'zai',
    label: 'Z.ai',
    url: 'https://api.z.ai/api/paas/v4',
    defaultModel: 'glm-4.6',
  }),
  compatible({ name: 'baseten', label: 'Baseten', url: 'https://inference.baseten.co/v1' }),
  local({ name: 'lmstudio_openai', label: 'LM Studio', urlVariable: 'LMSTUDIO_BASE_URL' }),
  local({ name: 'vllm', label: 'vLLM', urlVariable: 'VLLM_API_BASE' }),
  local({ name: 'sglang', label: 'SGLang', urlVariable: 'SGLANG_API_BASE' }),
]

/** Which environment variables a provider reads, for settings, `doctor` and documentation. */
export interface ProviderEnvironment {
  readonly provider: string
  readonly label: string
  /** Null for a provider that needs no key. */
  readonly keyVariable: string | null
  readonly urlVariable: string
}

/** The environment variables of every provider, in the order of {@link providerDefinitions}. */
export const modelEnvironmentVariables: readonly ProviderEnvironment[] = providerDefinitions.map(
  ({ name, label, keyVariable, urlVariable }) => ({
    provider: name,
    label,
    keyVariable,
    urlVariable,
  }),
)

function compatible(input: {
  readonly name: string
  readonly label: string
  readonly url: string
  readonly defaultModel?: string
}): ProviderDefinition {
  const prefix = input.name.toUpperCase()
  return {
    kind: 'openai-compatible',
    keyVariable: `${prefix}_API_KEY`,
    urlVariable: `${prefix}_BASE_URL`,
    endpointType: input.name,
    ...input,
    defaultModel: input.defaultModel ?? null,
  }
}

function local(input: {
  readonly name: string
  readonly label: string
  readonly urlVariable: string
}): ProviderDefinition {
  return {
    kind: 'openai-compatible',
    keyVariable: null,
    url: null,
    endpointType: 'openai',
    defaultModel: null,
    ...input,
  }
}

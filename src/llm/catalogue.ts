/** What is known about a model without asking its provider. */
export interface CatalogueEntry {
  readonly provider: string
  readonly name: string
  /** Prompt and answer together, in tokens. */
  readonly contextWindow: number
  /** The longest answer, in tokens. */
  readonly maxOutputTokens: number
  /** Whether it takes settings of how much to think (`reasoning`, `thinking`, `thinking_config`). */
  readonly reasoning: boolean
}

/** The day the catalogue was last compared with what the providers publish. */
export const catalogueDate = '2026-11-22'

/** The window of a model that neither the catalogue nor its endpoint describes, in tokens. */
export const unknownContextWindow = 30_000

/**
 * Models known by name.
 *
 * It saves asking a provider and gives windows that listings leave out; models that are missing are found by asking
 * the provider's own list. Where a provider sells a longer window by a flag or a higher tier, or does not publish it,
 * the smaller figure stands here, as a prompt that is cut a little early costs less than one that is refused.
 */
export const catalogue: readonly CatalogueEntry[] = [
  ...family({
    provider: 'openai',
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    reasoning: false,
    names: ['gpt-4o', 'gpt-4o-mini', 'gpt-5-chat-latest'],
  }),
  ...family({
    provider: 'openai',
    contextWindow: 1_047_576,
    maxOutputTokens: 32_768,
    reasoning: false,
    names: ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano'],
  }),
  ...family({
    provider: 'openai',
    contextWindow: 200_000,
    maxOutputTokens: 100_000,
    reasoning: true,
    names: ['o1', 'o3', 'o3-mini', 'o4-mini'],
  }),
  ...family({
    provider: 'openai',
    contextWindow: 272_000,
    maxOutputTokens: 128_000,
    reasoning: true,
    names: [
      'gpt-5',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-5-codex',
      'gpt-5.1',
      'gpt-5.1-codex',
      'gpt-5.2',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.5',
      'gpt-5.6',
    ],
  }),
  ...family({
    provider: 'openai',
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    reasoning: true,
    names: ['gpt-5.4'],
  }),
  ...family({
    provider: 'anthropic',
    contextWindow: 200_000,
    maxOutputTokens: 32_000,
    reasoning: true,
    names: ['claude-opus-4-1', 'claude-opus-4-1-20250805'],
  }),
  ...family({
    provider: 'anthropic',
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    reasoning: true,
    names: [
      'claude-haiku-4-5',
      'claude-haiku-4-5-20251001',
      'claude-opus-4-5',
      'claude-opus-4-5-20251101',
      'claude-sonnet-4-20250514',
      'claude-sonnet-4-5',
      'claude-sonnet-4-5-20250929',
    ],
  }),
  ...family({
    provider: 'anthropic',
    contextWindow: 200_000,
    maxOutputTokens: 128_000,
    reasoning: true,
    names: [
      'claude-haiku-5-5',
      'claude-opus-4-6',
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-opus-5',
      'claude-opus-5-5',
      'claude-sonnet-4-6',
      'claude-sonnet-5',
      'claude-sonnet-5-5',
    ],
  }),
  ...family({
    provider: 'google_ai',
    contextWindow: 1_048_576,
    maxOutputTokens: 8_192,
    reasoning: false,
    names: ['gemini-2.0-flash', 'gemini-2.0-flash-lite'],
  }),
  ...family({
    provider: 'google_ai',
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    reasoning: true,
    names: [
      'gemini-2.5-flash',
      'gemini-2.5-flash-lite',
      'gemini-2.5-pro',
      'gemini-3-flash-preview',
      'gemini-3.1-pro-preview',
      'gemini-3.5-flash',
      'gemini-3.5-flash-lite',
    ],
  }),
  ...family({
    provider: 'openrouter',
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    reasoning: false,
    names: ['openrouter/auto'],
  }),
  ...family({
    provider: 'groq',
    contextWindow: 131_072,
    maxOutputTokens: 32_768,
    reasoning: false,
    names: ['llama-3.3-70b-versatile', 'openai/gpt-oss-120b', 'openai/gpt-oss-20b'],
  }),
  ...family({
    provider: 'deepseek',
    contextWindow: 128_000,
    maxOutputTokens: 8_192,
    reasoning: false,
    names: ['deepseek-chat', 'deepseek-reasoner'],
  }),
  ...family({
    provider: 'xai',
    contextWindow: 256_000,
    maxOutputTokens: 32_768,
    reasoning: false,
    names: ['grok-4'],
  }),
  ...family({
    provider: 'together',
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    reasoning: false,
    names: ['meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  }),
  ...family({
    provider: 'zai',
    contextWindow: 200_000,
    maxOutputTokens: 128_000,
    reasoning: false,
    names: ['glm-4.6'],
  }),
]

/** The entry of a model, or undefined. */
export function findInCatalogue(provider: string, name: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.provider === provider && entry.name === name)
}

function family(
  input: Omit<CatalogueEntry, 'name'> & { readonly names: readonly string[] },
): readonly CatalogueEntry[] {
  const { names, ...shared } = input
  return names.map((name) => ({ ...shared, name }))
}

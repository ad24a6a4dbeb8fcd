/** Everything the model layer is told; it reads nothing from the environment itself. */
export interface ModelSettings {
  /** What is known about providers; those that are not listed have neither key nor address. */
  readonly providers: readonly ProviderSettings[]
  /** What `letta/auto` stands for; null or `letta/auto` itself = the first provider that can be used, else offline. */
  readonly defaultModel: string | null
  /** Sends handles to other endpoints; the first whose pattern matches wins. */
  readonly routes: readonly ModelRoute[]
  /** How long a provider may stay silent, before its answer or within it, in milliseconds. Default: 600,000. */
  readonly requestTimeoutMs?: number
  /** How often a failed call that has produced nothing is tried again. Default: 4. */
  readonly maxRetries?: number
}

/** What the environment says about one provider. */
export interface ProviderSettings {
  /** The first part of its handles, such as `openai`. */
  readonly provider: string
  readonly apiKey: string | null
  /** An endpoint to use in place of the provider's own; with one, no key is needed. */
  readonly baseUrl: string | null
}

/** Sends the handles that match a pattern to one OpenAI-compatible endpoint. */
export interface ModelRoute {
  /**
   * A handle, or one with `*` for any characters. A pattern with `*` serves the handles of the catalogue and those
   * the endpoint lists; one without serves its handle whether or not it is listed.
   */
  readonly pattern: string
  /** The base URL, such as `http://localhost:8000/v1`. A user name in it is sent as the key: `http://key@host/v1`. */
  readonly url: string
}

/** How long a provider may stay silent when the settings do not say, in milliseconds. */
export const defaultRequestTimeoutMs = 600_000

/** How often a failed call is tried again when the settings do not say. */
export const defaultMaxRetries = 4

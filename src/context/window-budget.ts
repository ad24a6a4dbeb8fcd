import type { Agent } from '../domain/agent.ts'
import type { Conversation } from '../domain/conversation.ts'
import type { ModelInfo } from '../llm/model.ts'

/** The window when neither agent nor conversation names one: the model's, but not more than this, in tokens. */
export const defaultWindowLimit = 128_000

/** What is kept free for the answer when nothing else is known, in tokens. */
const defaultOutputReserve = 4096

/** How the window of one call is divided, in tokens. */
export interface WindowBudget {
  readonly window: number
  /** Kept free for the answer. */
  readonly reserve: number
  /** What the request may use: window less reserve. */
  readonly request: number
  /** Tokens that the provider counts for each that is estimated; 1 where nothing was learnt. */
  readonly tokenFactor: number
  /**
   * The most estimated tokens of a request: `request` as estimates, where the provider counts more than that. One that
   * seems to count less gets no more, so that a wrong report makes no request too long.
   */
  readonly estimated: number
}

/** The budget of a call of `model` in a conversation of an agent. */
export function windowBudget(
  place: {
    readonly agent: Pick<Agent, 'contextWindow' | 'modelSettings'>
    readonly conversation: Pick<Conversation, 'contextWindow'>
  },
  model: Pick<ModelInfo, 'contextWindow' | 'maxOutputTokens' | 'tokenFactor'>,
): WindowBudget {
  const wanted = place.conversation.contextWindow ?? place.agent.contextWindow ?? defaultWindowLimit
  const window = Math.min(wanted, model.contextWindow)
  const asked =
    outputLimit(place.agent.modelSettings) ??
    Math.min(model.maxOutputTokens ?? defaultOutputReserve, defaultOutputReserve)
  const reserve = Math.min(asked, Math.floor(window / 4))
  const request = window - reserve
  const { tokenFactor = 1 } = model
  const estimated = Math.floor(request / Math.max(1, tokenFactor))
  return { window, reserve, request, tokenFactor, estimated }
}

function outputLimit(settings: Agent['modelSettings']): number | null {
  const value = settings?.['max_output_tokens']
  return typeof value === 'number' && value > 0 ? value : null
}

import type { ModelFailure } from '../llm/model.ts'

/** How many tool calls of one answer are made; a model that runs away must not keep a server busy for hours. */
export const mostToolCalls = 100

/** How long an answer may be with its thoughts and the arguments of its calls, in characters: what no model's limit allows. */
export const longestReply = 4_000_000

/** What stands in an answer in place of the calls that were left out; the model reads it, too. */
export const callsLeftOut = `[This answer asked for more than ${mostToolCalls} tool calls. The others were left out and not made.]`

/** The failure of an answer that does not end. */
export function replyTooLong(handle: string): ModelFailure {
  return {
    code: 'llm_error',
    message:
      `Cannot take the answer of ${handle}: it is longer than ${longestReply / 1_000_000} million characters and was broken off. ` +
      'Try again, or choose another model.',
    detail: '',
    retryable: false,
    retryAfterMs: null,
  }
}

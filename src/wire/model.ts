import { z } from 'zod'
import type { JsonObject } from '../util/json.ts'
import { queryList } from './query.ts'

/** What the wire needs to know about a model. */
export interface WireModel {
  /** `provider/model`. */
  readonly handle: string
  readonly provider: string
  readonly name: string
  readonly contextWindow: number
  readonly maxOutputTokens: number | null
  readonly endpointType: string
  readonly endpoint: string | null
}

/** `Model`, with every field. */
export function encodeModel(model: WireModel): JsonObject {
  return {
    handle: model.handle,
    name: model.name,
    display_name: model.name,
    provider_type: model.provider === 'letta' ? 'letta' : model.endpointType,
    provider_name: model.provider,
    model_type: 'llm',
    model: model.name,
    model_endpoint_type: model.endpointType,
    model_endpoint: model.endpoint,
    provider_category: 'base',
    model_wrapper: null,
    context_window: model.contextWindow,
    put_inner_thoughts_in_kwargs: false,
    temperature: 1,
    max_tokens: model.maxOutputTokens,
    enable_reasoner: true,
    reasoning_effort: null,
    max_reasoning_tokens: 0,
    effort: null,
    frequency_penalty: null,
    compatibility_type: null,
    verbosity: null,
    tier: null,
    parallel_tool_calls: false,
    response_format: null,
    strict: false,
    return_logprobs: false,
    top_logprobs: null,
    return_token_ids: false,
    tool_call_parser: null,
    max_context_window: model.contextWindow,
  }
}

/** The query of `GET /v1/models/`. */
export const modelListQuery = z.lazy(() =>
  z.object({
    provider_category: queryList.optional(),
    provider_name: z.string().optional(),
    provider_type: z.string().optional(),
  }),
)

/** The query of `GET /v1/models/resolve`, which is ours: a handle, a bare name or `letta/auto`. */
export const modelResolveQuery = z.lazy(() => z.object({ handle: z.string().min(1) }))

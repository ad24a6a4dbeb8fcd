import { z } from 'zod'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { pageShape, queryFlag, queryList } from './query.ts'
import { validationError } from './validation.ts'

/** A tool as the API shows it. */
export interface ToolDescription {
  /** `tool-<uuid4>`. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** The JSON Schema of the arguments. */
  readonly parameters: JsonObject
  readonly toolType: string
  readonly tags: readonly string[]
  readonly parallel: boolean
  readonly returnLimit: number
  /** Whether calls have to be allowed on agents it is attached to, unless somebody changes that. */
  readonly requiresApproval: boolean
}

/** The kinds of tools of the wire. */
export const toolTypes = [
  'custom',
  'letta_core',
  'letta_memory_core',
  'letta_multi_agent_core',
  'letta_sleeptime_core',
  'letta_voice_sleeptime_core',
  'letta_builtin',
  'letta_files_core',
  'external_langchain',
  'external_composio',
  'external_mcp',
] as const

/** `Tool`, with every field. */
export function encodeTool(tool: ToolDescription): JsonObject {
  const { name, description, parameters } = tool
  return {
    id: tool.id,
    tool_type: tool.toolType,
    description,
    source_type: 'python',
    name,
    tags: tool.tags,
    source_code: null,
    json_schema: { name, description, parameters },
    args_json_schema: null,
    return_char_limit: tool.returnLimit,
    pip_requirements: null,
    npm_requirements: null,
    default_requires_approval: tool.requiresApproval ? true : null,
    enable_parallel_execution: tool.parallel,
    created_by_id: null,
    last_updated_by_id: null,
    metadata_: {},
    project_id: null,
  }
}

/** The query of `GET /v1/tools/`. */
export const toolListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 50 }),
    name: z.string().optional(),
    names: queryList.optional(),
    tool_ids: queryList.optional(),
    search: z.string().optional(),
    tool_types: queryList.optional(),
    exclude_tool_types: queryList.optional(),
    return_only_letta_tools: queryFlag.default(false),
  }),
)

/** `ModifyApprovalRequest`, by both names that clients use. */
export const modifyApprovalSchema = z.lazy(() =>
  z.object({
    requires_approval: optional(z.boolean()),
    body_requires_approval: optional(z.boolean()),
  }),
)

/** The same in the query. */
export const modifyApprovalQuery = z.lazy(() =>
  z.object({
    requires_approval: queryFlag.optional(),
    query_requires_approval: queryFlag.optional(),
  }),
)

/**
 * Whether calls are to be allowed first; the body wins over the query.
 *
 * @throws AppError `validation_failed` when neither says so.
 */
export function toApprovalFlag(
  body: z.infer<typeof modifyApprovalSchema>,
  query: z.infer<typeof modifyApprovalQuery>,
): boolean {
  const flag =
    body.requires_approval ??
    body.body_requires_approval ??
    query.requires_approval ??
    query.query_requires_approval
  if (flag !== undefined) return flag
  throw validationError([
    {
      type: 'missing',
      location: ['body', 'requires_approval'],
      message: 'Field required',
      input: null,
    },
  ])
}

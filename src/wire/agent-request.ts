import { z } from 'zod'
import { optional, present } from './optional.ts'
import {
  compactionSettingsSchema,
  encodeCompactionSettings,
  toCompactionSettings,
} from './summary.ts'
import { agentTypes, type Agent, type AgentType } from '../domain/agent.ts'
import type { JsonObject } from '../util/json.ts'
import { createBlockSchema, toBlockDraft, type BlockDraft } from './block.ts'
import { contentSchema, toContent } from './content.ts'
import { identifierSchema } from './identifier.ts'
import { jsonObject } from './json-object.ts'
import type { DecodedMessage } from './message-request.ts'

/** Names are Unicode words with blanks, apostrophes and hyphens. */
const name = z
  .string()
  .max(200)
  .regex(/^[\p{L}\p{M}\p{N}_ '-]+$/u)
const timezone = z.string().refine(isTimezone, 'Input should be the name of an IANA time zone')
const handle = z.string().regex(/^(none|[^/\s][^/]*\/.+)$/, {
  error: 'The handle should be in the format provider/model-name',
})
const secrets = z.lazy(() => z.record(z.string().min(1), z.string()))

/** Fields that create and update share; null means "not given". */
const shared = () => ({
  tool_ids: optional(z.array(identifierSchema('tool'))),
  block_ids: optional(z.array(identifierSchema('block'))),
  source_ids: optional(z.array(z.string())),
  folder_ids: optional(z.array(z.string())),
  identity_ids: optional(z.array(z.string())),
  tool_rules: optional(z.array(jsonObject)),
  tags: optional(z.array(z.string())),
  system: optional(z.string()),
  description: optional(z.string()),
  metadata: optional(jsonObject),
  model: optional(z.string().min(1)),
  model_settings: optional(jsonObject),
  llm_config: optional(jsonObject),
  embedding: optional(handle),
  embedding_config: optional(jsonObject),
  context_window_limit: optional(z.int().min(1)),
  compaction_settings: optional(compactionSettingsSchema),
  response_format: optional(jsonObject),
  max_tokens: optional(z.int()),
  parallel_tool_calls: optional(z.boolean()),
  secrets: optional(secrets),
  tool_exec_environment_variables: optional(secrets),
  message_buffer_autoclear: optional(z.boolean()),
  enable_sleeptime: optional(z.boolean()),
  timezone: optional(timezone),
  max_files_open: optional(z.int().min(0).max(1000)),
  per_file_view_window_char_limit: optional(z.int().min(0).max(2_147_483_647)),
  hidden: optional(z.boolean()),
  project_id: optional(z.string()),
  template_id: optional(z.string()),
  base_template_id: optional(z.string()),
})

/** What an agent that is there must have in common with the one that is asked for, to be given instead. */
export const likenesses = ['name', 'tags'] as const

/** `CreateAgentRequest` with our `memory_type` and `get_or_create_by`: unknown fields are ignored, as the original server does here. */
export const createAgentSchema = z.lazy(() =>
  z.object({
    ...shared(),
    name: optional(name),
    agent_type: optional(z.enum(agentTypes)),
    memory_type: optional(z.literal('base_memory')),
    get_or_create_by: optional(z.enum(likenesses)),
    memory_blocks: optional(z.array(createBlockSchema)),
    tools: optional(z.array(z.string())),
    include_base_tools: optional(z.boolean()),
    include_multi_agent_tools: optional(z.boolean()),
    initial_message_sequence: optional(
      z.array(
        z.object({
          role: z.enum(['user', 'system', 'assistant']),
          content: contentSchema,
          name: optional(z.string()),
          otid: optional(z.string()),
          sender_id: optional(z.string()),
          group_id: optional(z.string()),
        }),
      ),
    ),
  }),
)

/** `UpdateAgent`: unknown fields are ignored, null ones change nothing. */
export const updateAgentSchema = z.lazy(() => z.object({ ...shared(), name: optional(name) }))

/** A field that asks for something this version does not do. */
export interface UnsupportedField {
  readonly field: string
  /** Why it is refused instead of ignored. */
  readonly reason: string
}

/** What create and update say alike; absent = not given. */
export interface AgentFields {
  readonly name?: string
  readonly system?: string
  readonly description?: string
  readonly metadata?: JsonObject
  readonly tags?: readonly string[]
  readonly toolIds?: readonly string[]
  readonly blockIds?: readonly string[]
  readonly toolRules?: readonly JsonObject[]
  /** A handle or a bare name, not yet resolved. */
  readonly model?: string
  readonly modelSettings?: JsonObject
  readonly contextWindow?: number
  /** Null = none. */
  readonly embedding?: string | null
  /** In clear; encrypted before they are stored. */
  readonly secrets?: Readonly<Record<string, string>>
  readonly timezone?: string
  readonly hidden?: boolean
  readonly extra?: JsonObject
}

/** A new agent as it was asked for. */
export interface AgentDraft {
  readonly fields: AgentFields
  readonly agentType: AgentType
  /** Blocks to create with it, in prompt order. */
  readonly blocks: readonly BlockDraft[]
  /** Whether blocks `persona` and `human` are added when the request has none of that label. */
  readonly baseMemory: boolean
  /** Names of tools to attach besides the base set. */
  readonly toolNames: readonly string[]
  readonly includeBaseTools: boolean
  /** Whether another agent looks after its memory in the background. Default: none does. */
  readonly enableSleeptime?: boolean
  readonly initialMessages: readonly DecodedMessage[]
  /** Gives the oldest agent of the same name, or with all its tags, instead of making another. Default: makes one. */
  readonly getOrCreateBy?: (typeof likenesses)[number]
}

type CreateBody = z.infer<typeof createAgentSchema>
type SharedBody = z.infer<typeof updateAgentSchema>

/** The new agent that a decoded `CreateAgentRequest` asks for. */
export function toAgentDraft(body: CreateBody): AgentDraft {
  return {
    fields: toAgentFields(body),
    agentType: body.agent_type ?? 'letta_v1_agent',
    blocks: (body.memory_blocks ?? []).map(toBlockDraft),
    baseMemory: body.memory_type === 'base_memory',
    toolNames: body.tools ?? [],
    includeBaseTools: body.include_base_tools ?? true,
    enableSleeptime: body.enable_sleeptime ?? false,
    ...present({ getOrCreateBy: body.get_or_create_by }),
    initialMessages: (body.initial_message_sequence ?? []).map((message) => ({
      role: message.role,
      content: toContent(message.content),
      name: message.name ?? null,
      otid: message.otid ?? null,
      senderId: message.sender_id ?? null,
      groupId: message.group_id ?? null,
    })),
  }
}

/** What a request says for no embedding model: null means that it says nothing of it, as everywhere in the original's requests. */
const withoutEmbedding = 'none'

/** The changes that a decoded request asks for; `current` is the agent as it is, whose other settings stay. */
export function toAgentFields(body: SharedBody, current?: Agent): AgentFields {
  const model = body.model ?? handleOf(body.llm_config)
  const extra = toExtra(body)
  return present({
    name: body.name,
    system: body.system,
    description: body.description,
    metadata: body.metadata,
    tags: unique(body.tags),
    toolIds: unique(body.tool_ids),
    blockIds: unique(body.block_ids),
    toolRules: body.tool_rules,
    model,
    modelSettings: toModelSettings(body, model === undefined ? current?.modelSettings : null),
    contextWindow: body.context_window_limit ?? integer(body.llm_config?.['context_window']),
    embedding: body.embedding === withoutEmbedding ? null : body.embedding,
    secrets: body.secrets ?? body.tool_exec_environment_variables,
    timezone: body.timezone,
    hidden: body.hidden,
    extra: Object.keys(extra).length > 0 ? { ...current?.extra, ...extra } : undefined,
  })
}

function unique(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined ? undefined : [...new Set(values)]
}

/** What a request asks for that cannot be done yet and must not be ignored. */
export function unsupportedFields(
  body: SharedBody & Partial<CreateBody>,
): readonly UnsupportedField[] {
  const asked: readonly (UnsupportedField & { readonly given: boolean })[] = [
    {
      field: 'include_multi_agent_tools',
      reason: 'agent-to-agent tools are not part of this version',
      given: body.include_multi_agent_tools === true,
    },
    {
      field: 'message_buffer_autoclear',
      reason: 'clearing the history after each run is not part of this version',
      given: body.message_buffer_autoclear === true,
    },
  ]
  return asked.filter(({ given }) => given)
}

/** The kinds of objects a request refers to that no installation has yet. */
export function unknownReferences(body: SharedBody): readonly string[] {
  return [
    ...(body.source_ids ?? []).map((id) => `Source not found with id=${id}`),
    ...(body.folder_ids ?? []).map((id) => `Source not found with id=${id}`),
    ...(body.identity_ids ?? []).map((id) => `Identity not found with id=${id}`),
  ]
}

function handleOf(config: JsonObject | undefined): string | undefined {
  if (config === undefined) return undefined
  const given = config['handle']
  if (typeof given === 'string') return given
  const model = config['model']
  const provider = config['provider_name'] ?? config['model_endpoint_type']
  return typeof model === 'string' && typeof provider === 'string'
    ? `${provider}/${model}`
    : undefined
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}

/** Fields of the old `llm_config` that are settings of the model. */
const configFields = ['temperature', 'frequency_penalty', 'verbosity', 'effort'] as const

function toModelSettings(
  body: SharedBody,
  current: JsonObject | null | undefined,
): JsonObject | undefined {
  const config = body.llm_config ?? {}
  const fromConfig = configFields.flatMap((field) => {
    const value = config[field] ?? null
    return value === null ? [] : [[field, value] as const]
  })
  const settings: JsonObject = {
    ...Object.fromEntries(fromConfig),
    ...present({
      max_output_tokens: body.max_tokens ?? integer(config['max_tokens']),
      parallel_tool_calls: body.parallel_tool_calls,
      response_format: body.response_format,
    }),
    ...body.model_settings,
  }
  if (Object.keys(settings).length === 0) return undefined
  return body.model_settings === undefined ? { ...current, ...settings } : settings
}

/** Fields that are stored and returned as they came. */
function toExtra(body: SharedBody): JsonObject {
  return present({
    project_id: body.project_id,
    template_id: body.template_id,
    base_template_id: body.base_template_id,
    compaction_settings:
      body.compaction_settings === undefined
        ? undefined
        : encodeCompactionSettings(toCompactionSettings(body.compaction_settings)),
    max_files_open: body.max_files_open,
    per_file_view_window_char_limit: body.per_file_view_window_char_limit,
  })
}

function isTimezone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

import { z } from 'zod'
import type { Agent } from '../domain/agent.ts'
import type { Block } from '../domain/block.ts'
import { namedIdentifier } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { encodeBlock } from './block.ts'
import { encodeGroup, type GroupView } from './group.ts'
import { encodeMessage } from './message.ts'
import type { WireModel } from './model.ts'
import { defaultWindow, encodeLlmConfig, encodeModelSettings } from './model-settings.ts'
import { pageShape, queryFlag, queryList, queryStopReason } from './query.ts'
import { encodeTime } from './time.ts'
import { encodeTool, type ToolDescription } from './tool.ts'

/** An agent with what belongs to it. */
export interface AgentView {
  readonly agent: Agent
  readonly blocks: readonly Block[]
  readonly tools: readonly ToolDescription[]
  /** The messages in the view of the default conversation, the system message first. */
  readonly messageIds: readonly string[]
  /** What the default conversation waits for somebody to allow or to answer, or null. */
  readonly pendingApproval: Message | null
  /** The model its handle stands for; for a model that cannot be used now, what is known of it. */
  readonly model: WireModel
  /** The agents that look after its memory in the background; null = none do. */
  readonly group: GroupView | null
}

/** `AgentState`, with every field. */
export function encodeAgent(view: AgentView): JsonObject {
  const { agent } = view
  const blocks = view.blocks.map(encodeBlock)
  const secrets = encodeSecrets(agent)
  return {
    created_by_id: agent.createdById,
    last_updated_by_id: agent.updatedById,
    created_at: encodeTime(agent.createdAt),
    updated_at: encodeTime(agent.updatedAt),
    id: agent.id,
    name: agent.name,
    tool_rules: agent.toolRules,
    message_ids: view.messageIds,
    system: agent.system,
    agent_type: agent.agentType,
    ...encodeModelFields(view),
    description: agent.description,
    metadata: agent.metadata,
    memory: {
      agent_type: agent.agentType,
      git_enabled: false,
      blocks,
      file_blocks: [],
      prompt_template: '',
    },
    blocks,
    tools: view.tools.map(encodeTool),
    sources: [],
    tags: agent.tags,
    tool_exec_environment_variables: secrets,
    secrets,
    ...encodeUnusedFields(agent),
    ...encodeGroupFields(view),
    pending_approval: encodePending(view),
    last_run_completion: encodeTime(agent.lastRunCompletion),
    last_run_duration_ms: agent.lastRunDurationMs,
    last_stop_reason: agent.lastStopReason,
    timezone: agent.timezone,
    ...encodeFileLimits(view),
    hidden: agent.hidden ? true : null,
  }
}

function encodeModelFields({ agent, model }: AgentView): JsonObject {
  const use = {
    handle: agent.model,
    model,
    settings: agent.modelSettings,
    contextWindow: agent.contextWindow,
  }
  return {
    llm_config: encodeLlmConfig(use),
    embedding_config: null,
    model: agent.model,
    embedding: agent.embedding,
    model_settings: encodeModelSettings(use),
    compaction_settings: agent.extra['compaction_settings'] ?? null,
    response_format: agent.modelSettings?.['response_format'] ?? null,
  }
}

function encodeGroupFields({ group }: AgentView): JsonObject {
  const managed = group === null ? null : encodeGroup(group)
  return {
    enable_sleeptime: group?.group.isEnabled ?? false,
    multi_agent_group: managed,
    managed_group: managed,
  }
}

/** Fields whose features are not part of this version, with the values the original gives when they are not used. */
function encodeUnusedFields(agent: Agent): JsonObject {
  return {
    project_id: agent.extra['project_id'] ?? null,
    template_id: agent.extra['template_id'] ?? null,
    base_template_id: agent.extra['base_template_id'] ?? null,
    deployment_id: null,
    entity_id: null,
    identity_ids: [],
    identities: [],
    message_buffer_autoclear: false,
  }
}

/** Names of secrets; their values never leave the server. */
function encodeSecrets(agent: Agent): readonly JsonObject[] {
  return Object.keys(agent.secrets).map((key) => ({
    created_by_id: agent.createdById,
    last_updated_by_id: agent.updatedById,
    created_at: encodeTime(agent.createdAt),
    updated_at: encodeTime(agent.updatedAt),
    id: namedIdentifier('environmentVariable', `${agent.id}:${key}`),
    key,
    value: '',
    description: null,
    value_enc: null,
    agent_id: agent.id,
  }))
}

/** How many files are open, and how much of each is shown, by the size of the window. */
const fileLimits = [
  { window: 8_000, files: 3, characters: 5_000 },
  { window: 32_000, files: 5, characters: 15_000 },
  { window: 128_000, files: 10, characters: 25_000 },
  { window: 200_000, files: 10, characters: 40_000 },
  { window: Number.POSITIVE_INFINITY, files: 15, characters: 40_000 },
] as const

function encodeFileLimits({ agent, model }: AgentView): JsonObject {
  const window = agent.contextWindow ?? Math.min(model.contextWindow, defaultWindow)
  const limits = fileLimits.find((row) => window <= row.window) ?? fileLimits[4]
  return {
    max_files_open: agent.extra['max_files_open'] ?? limits.files,
    per_file_view_window_char_limit:
      agent.extra['per_file_view_window_char_limit'] ?? limits.characters,
  }
}

/** Filters that lists and counts of agents share. */
const filters = () => ({
  name: z.string().optional(),
  query_text: z.string().optional(),
  tags: queryList.optional(),
  match_all_tags: queryFlag.default(false),
  project_id: z.string().optional(),
  template_id: z.string().optional(),
  base_template_id: z.string().optional(),
  identity_id: z.string().optional(),
  identifier_keys: queryList.optional(),
  last_stop_reason: queryStopReason.optional(),
  created_by_id: z.string().optional(),
  show_hidden_agents: queryFlag.default(false),
})

/** The query of `GET /v1/agents/count`. */
export const agentCountQuery = z.lazy(() => z.object(filters()))

function encodePending({ pendingApproval }: AgentView): JsonObject | null {
  return pendingApproval === null ? null : (encodeMessage(pendingApproval).at(-1) ?? null)
}

/** The query of `GET /v1/agents/`; what `include` names is always there, so any value is accepted. */
export const agentListQuery = z.lazy(() =>
  z.object({
    ...filters(),
    ...pageShape({ limit: 50 }),
    order_by: z.enum(['created_at', 'updated_at', 'last_run_completion']).optional(),
    sort_by: z.string().optional(),
    ascending: queryFlag.optional(),
    include: queryList.optional(),
    include_relationships: queryList.optional(),
  }),
)

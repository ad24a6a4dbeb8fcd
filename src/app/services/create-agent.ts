import { renderSystemView } from '../../context/system-view.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Block } from '../../domain/block.ts'
import { defaultConversationId, newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { defaultToolNames } from '../../tools/default-tools.ts'
import type { AgentFilter, NewAgent } from '../../storage/contract/agent-store.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AgentDraft } from '../../wire/agent-request.ts'
import type { BlockDraft } from '../../wire/block.ts'
import type { AgentServiceParts } from './agent-service-parts.ts'
import { withDefaultApprovals } from './approval-rules.ts'
import { baseMemoryBlocks } from './base-memory.ts'
import { newBlock } from './blocks.ts'
import { userChange } from './change-cause.ts'
import { checkToolRules } from './check-tool-rules.ts'
import { defaultSystemPrompt } from './default-system-prompt.ts'
import { newConversation } from './new-conversation.ts'
import { randomName } from './random-name.ts'
import { sealSecrets } from './seal-secrets.ts'

/** A new agent, and what of the request had no effect. */
export interface CreatedAgent {
  readonly agent: Agent
  /** Names of tools that this installation does not have; the original's clients expect them not to fail. */
  readonly unknownTools: readonly string[]
}

/** An agent that is about to be stored. */
export interface PreparedAgent extends Pick<CreatedAgent, 'unknownTools'> {
  readonly input: NewAgent
}

/** See `AgentService.create`. */
export async function createAgent(
  parts: AgentServiceParts,
  scope: TenantScope,
  draft: AgentDraft,
): Promise<CreatedAgent> {
  const { input, unknownTools } = await prepareAgent(parts, scope, { draft, present: [] })
  return { agent: await parts.store.createAgent(scope, input), unknownTools }
}

/** Everything that belongs to a new agent; `present` are blocks that are stored with it and that it attaches. */
export async function prepareAgent(
  parts: AgentServiceParts,
  scope: TenantScope,
  { draft, present }: { readonly draft: AgentDraft; readonly present: readonly Block[] },
): Promise<PreparedAgent> {
  refuseScopedKey(scope)
  checkToolRules(draft.fields.toolRules ?? [])
  const { toolIds, unknownTools } = chooseTools(parts, draft)
  const model = await parts.modelService.canonicalHandle(
    draft.fields.model ?? parts.settings.defaultModel,
  )
  const attached = await attachedBlocks(parts, scope, {
    ids: draft.fields.blockIds ?? [],
    present,
  })
  const at = parts.clock.now()
  const newBlocks = withBaseMemory(draft, attached).map((block) =>
    newBlock(parts.ids, { draft: block, userId: scope.userId, at }),
  )
  const blocks = [...newBlocks, ...attached]
  const agent = newAgent(parts, scope, { draft, model, toolIds, blocks, at })
  const { conversation, messages } = newConversation(parts.ids, {
    id: defaultConversationId(agent.id),
    agent,
    isDefault: true,
    system: renderSystemView(agent, blocks, {
      conversationLabel: 'default',
      compiledAt: at,
      previousMessages: 0,
      passages: 0,
      passageTags: [],
      facts: [],
    }),
    initial: draft.initialMessages,
    at,
  })
  const cause = userChange(scope, 'POST /v1/agents')
  const unless = likeDraft(draft)
  const input = {
    agent,
    newBlocks,
    conversation,
    messages,
    cause,
    ...(unless !== undefined && { unless }),
  }
  return { input, unknownTools }
}

/** Which agents are given instead of a new one. */
function likeDraft({ getOrCreateBy: likeness, fields }: AgentDraft): AgentFilter | undefined {
  if (likeness === undefined) return undefined
  const { name, tags = [] } = fields
  if (likeness === 'name' && name !== undefined) return { name }
  if (likeness === 'tags' && tags.length > 0) return { tags, matchAllTags: true }
  throw new AppError(
    'invalid_argument',
    `Cannot get or create an agent by its ${likeness}: the request gives none. Add \`${likeness}\`, or leave out \`get_or_create_by\`.`,
  )
}

function refuseScopedKey(scope: TenantScope): void {
  if (scope.agentIds === undefined) return
  throw new AppError(
    'forbidden',
    'Cannot create an agent: this key is limited to certain agents. Use a key without that limit.',
  )
}

function chooseTools(
  parts: AgentServiceParts,
  draft: AgentDraft,
): { readonly toolIds: readonly string[]; readonly unknownTools: readonly string[] } {
  const base = draft.includeBaseTools
    ? defaultToolNames(draft.agentType, { enableSleeptime: draft.enableSleeptime ?? false })
    : []
  const named = parts.toolService.idsOf(draft.toolNames)
  const given = (draft.fields.toolIds ?? []).map((id) => parts.toolService.get(id).id)
  const toolIds = [...parts.toolService.idsOf(base).ids, ...named.ids, ...given]
  return { toolIds: [...new Set(toolIds)], unknownTools: named.unknown }
}

/** The existing blocks of the request in its order. */
async function attachedBlocks(
  { store }: AgentServiceParts,
  scope: TenantScope,
  { ids, present }: { readonly ids: readonly string[]; readonly present: readonly Block[] },
): Promise<readonly Block[]> {
  const known = new Map(present.map((block) => [block.id, block]))
  return await Promise.all(ids.map(async (id) => known.get(id) ?? store.getBlock(scope, { id })))
}

function withBaseMemory(draft: AgentDraft, attached: readonly Block[]): readonly BlockDraft[] {
  if (!draft.baseMemory) return draft.blocks
  const given = new Set([...draft.blocks, ...attached].map(({ label }) => label))
  return [...baseMemoryBlocks.filter(({ label }) => !given.has(label)), ...draft.blocks]
}

interface AgentStart {
  readonly draft: AgentDraft
  readonly model: string
  readonly toolIds: readonly string[]
  readonly blocks: readonly Block[]
  readonly at: number
}

function newAgent(parts: AgentServiceParts, scope: TenantScope, start: AgentStart): Agent {
  const { draft, at } = start
  const { fields } = draft
  return {
    id: newIdentifier(parts.ids, 'agent'),
    name: randomName(parts.ids.uuid()),
    system: defaultSystemPrompt,
    modelSettings: null,
    contextWindow: null,
    embedding: parts.settings.defaultEmbedding,
    description: null,
    metadata: {},
    tags: [],
    timezone: 'UTC',
    hidden: fields.tags?.includes('role:subagent') ?? false,
    extra: {},
    ...fields,
    toolRules: withDefaultApprovals(
      parts.toolService,
      fields.toolRules ?? baseToolRules(parts, start),
      start.toolIds,
    ),
    agentType: draft.agentType,
    model: start.model,
    toolIds: start.toolIds,
    blockIds: start.blocks.map(({ id }) => id),
    secrets: sealSecrets(parts, fields.secrets ?? {}),
    createdAt: at,
    updatedAt: at,
    createdById: scope.userId,
    updatedById: scope.userId,
    lastRunCompletion: null,
    lastRunDurationMs: null,
    lastStopReason: null,
    turnCount: 0,
    memoryMode: 'auto',
    consolidation: null,
  }
}

/** Tools that end a turn, for the agent types that answer through a tool. */
const terminalTools = ['send_message', 'memory_finish_edits']

function baseToolRules(parts: AgentServiceParts, start: AgentStart): readonly JsonObject[] {
  if (start.draft.agentType === 'letta_v1_agent') return []
  const attached = new Set(parts.toolService.describe(start.toolIds).map(({ name }) => name))
  return terminalTools
    .filter((name) => attached.has(name))
    .map((name) => ({ tool_name: name, type: 'exit_loop', prompt_template: null }))
}

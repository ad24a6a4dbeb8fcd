import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { groupOf } from '../../domain/sleeptime.ts'
import { AppError } from '../../errors/app-error.ts'
import { wakeEmbedJob } from '../../jobs/kinds/embed.ts'
import type { AgentFilter, AgentPage } from '../../storage/contract/agent-store.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AgentView } from '../../wire/agent.ts'
import type { AgentDraft, AgentFields } from '../../wire/agent-request.ts'
import { withApprovalRule, withDefaultApprovals } from './approval-rules.ts'
import { createAgentViews } from './agent-views.ts'
import { checkToolRules } from './check-tool-rules.ts'
import type { AgentServiceParts } from './agent-service-parts.ts'
import { createAgent, type CreatedAgent } from './create-agent.ts'
import { createAgentPair, deletePartners, setSleeptime } from './sleeptime.ts'
import { sealSecrets } from './seal-secrets.ts'

/** Agents and what is attached to them. */
export interface AgentService {
  /**
   * Creates an agent with its blocks, default conversation and system message.
   * Rejects with `not_found` (block, tool, model), `model_ambiguous`, `model_key_missing`, `block_limit_exceeded`,
   * `conflict` (two blocks of one label), `not_supported` (a tool rule that nothing enforces), `forbidden`.
   */
  create(scope: TenantScope, draft: AgentDraft): Promise<CreatedAgent>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Agent>
  /** Agents that pass the filter. */
  list(
    scope: TenantScope,
    query: { readonly filter: AgentFilter; readonly page: AgentPage },
  ): Promise<readonly Agent[]>
  /** How many agents pass the filter. */
  count(scope: TenantScope, filter: AgentFilter): Promise<number>
  /** Changes what is given; lists and secrets replace. The same errors as {@link AgentService.create}. */
  update(scope: TenantScope, id: string, fields: AgentFields): Promise<Agent>
  /** Has another agent look after its memory in the background, or no longer. `not_found`. */
  setSleeptime(scope: TenantScope, id: string, isEnabled: boolean): Promise<Agent>
  /** Removes an agent with its conversations, messages and runs, and its background agents; shared blocks stay. */
  delete(scope: TenantScope, id: string): Promise<void>
  /** Attaches a tool at the end; nothing changes when it is attached. `not_found`. */
  attachTool(scope: TenantScope, id: string, toolId: string): Promise<Agent>
  /** Detaches a tool; nothing happens when it is not attached. */
  detachTool(scope: TenantScope, id: string, toolId: string): Promise<Agent>
  /** Sets whether calls of a tool have to be allowed first, or no longer. Idempotent. `not_found`. */
  setApproval(
    scope: TenantScope,
    id: string,
    approval: { readonly toolName: string; readonly isRequired: boolean },
  ): Promise<Agent>
  /** Attaches a block at the end, to its background agents, too; `conflict` on a label clash. */
  attachBlock(scope: TenantScope, id: string, blockId: string): Promise<Agent>
  /** Detaches a block; `not_found` when it is not attached. */
  detachBlock(scope: TenantScope, id: string, blockId: string): Promise<Agent>
  /** Agents with everything the wire shows of them, in the same order. */
  views(scope: TenantScope, agents: readonly Agent[]): Promise<readonly AgentView[]>
}

/** Makes the service of agents. */
export function createAgentService(parts: AgentServiceParts): AgentService {
  const { store, clock } = parts

  async function setTools(
    scope: TenantScope,
    agent: Agent,
    set: Partial<Pick<Agent, 'toolIds' | 'toolRules'>>,
  ): Promise<Agent> {
    const at = clock.now()
    return await store.updateAgent(scope, { id: agent.id, at, updatedById: scope.userId, set })
  }

  return {
    async create(scope, draft) {
      const create = draft.enableSleeptime === true ? createAgentPair : createAgent
      const created = await create(parts, scope, draft)
      if (created.agent.embedding !== null) await wakeEmbedJob(parts, scope.tenantId)
      return created
    },
    setSleeptime: async (scope, id, isEnabled) =>
      await setSleeptime(parts, scope, { agent: await store.getAgent(scope, { id }), isEnabled }),
    get: (scope, id) => store.getAgent(scope, { id }),
    list: (scope, query) => store.listAgents(scope, query),
    count: (scope, filter) => store.countAgents(scope, { filter }),
    update: (scope, id, fields) => updateAgent(parts, scope, { id, fields }),
    async delete(scope, id) {
      await deletePartners(parts, scope, await store.getAgent(scope, { id }))
      await store.deleteAgent(scope, { id })
    },
    async attachTool(scope, id, toolId) {
      const tool = parts.toolService.get(toolId)
      const agent = await store.getAgent(scope, { id })
      if (agent.toolIds.includes(tool.id)) return agent
      const toolRules = withDefaultApprovals(parts.toolService, agent.toolRules, [tool.id])
      return await setTools(scope, agent, { toolIds: [...agent.toolIds, tool.id], toolRules })
    },
    async detachTool(scope, id, toolId) {
      const agent = await store.getAgent(scope, { id })
      if (!agent.toolIds.includes(toolId)) return agent
      const toolIds = agent.toolIds.filter((attached) => attached !== toolId)
      return await setTools(scope, agent, { toolIds })
    },
    async setApproval(scope, id, { toolName, isRequired }) {
      const agent = await store.getAgent(scope, { id })
      const [toolId] = parts.toolService.idsOf([toolName]).ids
      if (toolId === undefined) {
        throw new AppError('not_found', `Tool not found with name=${toolName}`)
      }
      const toolRules = withApprovalRule(agent.toolRules, toolName, isRequired)
      return await setTools(scope, agent, { toolRules })
    },
    async attachBlock(scope, id, blockId) {
      const agent = await store.attachBlock(scope, { agentId: id, blockId, at: clock.now() })
      for (const agentId of groupOf(agent)?.memberIds ?? []) {
        await store.attachBlock(scope, { agentId, blockId, at: clock.now() })
      }
      return agent
    },
    detachBlock: (agentScope, agentId, blockId) =>
      store.detachBlock(agentScope, { agentId, blockId, at: clock.now() }),
    views: createAgentViews(parts),
  }
}

async function updateAgent(
  parts: AgentServiceParts,
  scope: TenantScope,
  { id, fields }: { readonly id: string; readonly fields: AgentFields },
): Promise<Agent> {
  const { model: given, secrets, ...plain } = fields
  checkToolRules(plain.toolRules ?? [])
  for (const toolId of plain.toolIds ?? []) parts.toolService.get(toolId)
  const rules = await rulesAfter(parts, scope, { id, fields: plain })
  const model = given === undefined ? null : await parts.modelService.canonicalHandle(given)
  const before = plain.embedding === undefined ? null : await parts.store.getAgent(scope, { id })
  const agent = await parts.store.updateAgent(scope, {
    id,
    at: parts.clock.now(),
    updatedById: scope.userId,
    set: {
      ...(model !== null && { model, contextWindow: null }),
      ...(model !== null && plain.modelSettings === undefined && { modelSettings: null }),
      ...plain,
      ...(rules !== null && { toolRules: rules }),
      ...(secrets !== undefined && { secrets: sealSecrets(parts, secrets) }),
    },
  })
  if (before !== null) await followModel(parts, scope, { before, agent })
  return agent
}

/**
 * Has an agent's archive go over to its new embedding model, unless it names another one or none, and what makes vectors begin.
 */
async function followModel(
  { store, clock }: AgentServiceParts,
  scope: TenantScope,
  { before, agent }: { readonly before: Agent; readonly agent: Agent },
): Promise<void> {
  const { embedding } = agent
  const page = { limit: 1, order: 'asc' } as const
  const [archive] = await store.listArchives(scope, { agentId: agent.id, page })
  const isNamed = archive !== undefined && archive.embedding !== null
  if (isNamed && archive.embedding === before.embedding) {
    await store.updateArchive(scope, { id: archive.id, at: clock.now(), set: { embedding } })
  }
  if (embedding !== null) await wakeEmbedJob({ store, clock }, scope.tenantId)
}

/** The rules of an agent that gets further tools which want to be allowed by default; null = as given. */
async function rulesAfter(
  parts: AgentServiceParts,
  scope: TenantScope,
  {
    id,
    fields,
  }: { readonly id: string; readonly fields: Pick<AgentFields, 'toolIds' | 'toolRules'> },
): Promise<readonly JsonObject[] | null> {
  if (fields.toolIds === undefined) return null
  const agent = await parts.store.getAgent(scope, { id })
  const added = fields.toolIds.filter((toolId) => !agent.toolIds.includes(toolId))
  const before = fields.toolRules ?? agent.toolRules
  const rules = withDefaultApprovals(parts.toolService, before, added)
  return rules === before ? null : rules
}

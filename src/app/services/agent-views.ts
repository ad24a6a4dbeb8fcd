import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { AgentView } from '../../wire/agent.ts'
import { unusableModel } from './models.ts'
import { groupView } from './sleeptime.ts'
import type { AgentServiceParts } from './agent-service-parts.ts'

/** Collects everything the wire shows of agents, in their order. */
export type AgentViews = (
  scope: TenantScope,
  agents: readonly Agent[],
) => Promise<readonly AgentView[]>

/** Makes what collects everything the wire shows of several agents, with one read of each kind for all of them. */
export function createAgentViews(parts: AgentServiceParts): AgentViews {
  const { store, modelService, toolService } = parts

  return async (scope, agents) => {
    if (agents.length === 0) return []
    const agentIds = agents.map(({ id }) => id)
    const conversationIds = agentIds.map(defaultConversationId)
    const [blocks, messageIds, pending, models] = await Promise.all([
      store.listBlocksOfAgents(scope, { agentIds }),
      store.listViewMessageIds(scope, { conversationIds }),
      store.listPendingApprovals(scope, { conversationIds, limit: agents.length }),
      modelService.describe(agents.map(({ model }) => model)),
    ])
    const groups = await Promise.all(agents.map((agent) => groupView(parts, scope, agent)))
    return agents.map((agent, index) => ({
      agent,
      blocks: blocks[agent.id] ?? [],
      tools: toolService.describe(agent.toolIds),
      pendingApproval: pending.find(({ turn }) => turn.agentId === agent.id)?.message ?? null,
      messageIds: messageIds[defaultConversationId(agent.id)] ?? [],
      model: models.get(agent.model) ?? unusableModel(agent.model),
      group: groups[index] ?? null,
    }))
  }
}

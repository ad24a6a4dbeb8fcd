import type { Agent } from '../domain/agent.ts'
import type { ModelTool } from '../llm/model.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Tool } from '../tools/tool.ts'

/** The tools of an agent that this installation has, in the order of attachment. */
export function agentTools(registry: ToolRegistry, agent: Pick<Agent, 'toolIds'>): readonly Tool[] {
  return agent.toolIds.flatMap((id) => {
    const tool = registry.getById(id)
    return tool === null ? [] : [tool]
  })
}

/** Tools as the model sees them. */
export function toModelTools(registry: ToolRegistry, tools: readonly Tool[]): readonly ModelTool[] {
  return tools.map((tool) => registry.schemaOf(tool))
}

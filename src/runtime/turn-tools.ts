import type { Agent } from '../domain/agent.ts'
import type { TurnOptions } from '../domain/run.ts'
import type { ModelTool } from '../llm/model.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Tool } from '../tools/tool.ts'
import type { Json, JsonObject } from '../util/json.ts'

/** The tools of an agent that this installation has, in the order of attachment. */
export function agentTools(registry: ToolRegistry, agent: Pick<Agent, 'toolIds'>): readonly Tool[] {
  return agent.toolIds.flatMap((id) => {
    const tool = registry.getById(id)
    return tool === null ? [] : [tool]
  })
}

/** What decides which tools a turn has. */
export interface TurnToolSources {
  readonly registry: ToolRegistry
  readonly agent: Pick<Agent, 'toolIds' | 'toolRules'>
  readonly options: Partial<Pick<TurnOptions, 'clientTools'>>
}

/** The tools of a turn that run here: those of the agent, without those that the caller replaces with its own. */
export function serverTools({ registry, agent, options }: TurnToolSources): readonly Tool[] {
  const replaced = new Set(options.clientTools?.map(nameOf))
  return agentTools(registry, agent).filter((tool) => !replaced.has(tool.name))
}

/** What a model is told of the tools of a turn. */
export interface ModelToolSources extends TurnToolSources {
  /** Whether a summary is in view. */
  readonly hasSummary: boolean
}

/** All tools of a turn as the model sees them: those of the agent's that are of use there, then the caller's. */
export function modelTools(sources: ModelToolSources): readonly ModelTool[] {
  const { registry, options, hasSummary } = sources
  const own = serverTools(sources)
    .filter(({ onlyWithSummary = false }) => hasSummary || !onlyWithSummary)
    .map((tool) => registry.schemaOf(tool))
  return [...own, ...(options.clientTools ?? []).map(toModelTool)]
}

/** Whether a call waits for somebody outside: the caller runs it, or a rule wants it allowed first. */
export function awaitsAnswer(sources: TurnToolSources, name: string): boolean {
  if (isClientTool(sources.options, name)) return true
  const isGuarded = sources.agent.toolRules.some(
    (rule) => rule['type'] === 'requires_approval' && rule['tool_name'] === name,
  )
  return isGuarded && serverTools(sources).some((tool) => tool.name === name)
}

/** Whether the caller of a turn runs the tool of this name. */
export function isClientTool(options: TurnToolSources['options'], name: string): boolean {
  return options.clientTools?.some((tool) => nameOf(tool) === name) === true
}

function nameOf({ name }: JsonObject): string {
  return typeof name === 'string' ? name : ''
}

function toModelTool(tool: JsonObject): ModelTool {
  const { description, parameters } = tool
  return {
    name: nameOf(tool),
    description: typeof description === 'string' ? description : '',
    parameters: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} },
  }
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

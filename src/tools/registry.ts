import { namedIdentifier } from '../domain/identifier.ts'
import { AppError } from '../errors/app-error.ts'
import { WrittenTool } from '../llm/tools-json.ts'
import type { JsonObject } from '../util/json.ts'
import builtinParameters from './builtin/builtin-parameters.json' with { type: 'json' }
import { builtinTools } from './builtin/builtin-tools.ts'
import type { Tool, ToolSchema } from './tool.ts'
import { toToolSchema } from './tool-schema.ts'

export { parseArguments, type ParsedArguments } from './parse-arguments.ts'
export { toToolSchema } from './tool-schema.ts'

/** The tools of an installation: the built-in ones and those an operator adds. */
export interface ToolRegistry {
  /** All tools, built-in ones first. */
  readonly list: readonly Tool[]
  /** The tool of a name, or null. */
  get(name: string): Tool | null
  /** The tool of an identifier, see {@link toolId}, or null. */
  getById(id: string): Tool | null
  /** The same as {@link toToolSchema}, computed once for each tool: it takes milliseconds in a new process. */
  schemaOf(tool: Tool): ToolSchema
}

/**
 * Makes the registry of the built-in tools and `extra` ones.
 *
 * @throws AppError `configuration_invalid` when two tools share a name.
 */
export function createToolRegistry(extra: readonly Tool[] = []): ToolRegistry {
  const list = [...builtinTools, ...extra]
  const byName = new Map(list.map((tool) => [tool.name, tool]))
  if (byName.size < list.length) throw sharedName(list)
  const byId = new Map(list.map((tool) => [toolId(tool.name), tool]))
  const schemas = new Map<Tool, ToolSchema>()
  return {
    list,
    get: (name) => byName.get(name) ?? null,
    getById: (id) => byId.get(id) ?? null,
    schemaOf: (tool) => {
      const schema = schemas.get(tool) ?? new WrittenTool(makeSchema(tool))
      schemas.set(tool, schema)
      return schema
    },
  }
}

/** The arguments of the built-in tools by name, as `npm run docs` has written them down. */
const writtenDown: Readonly<Record<string, JsonObject>> = builtinParameters

function makeSchema(tool: Tool): ToolSchema {
  const parameters = builtinTools.includes(tool) ? writtenDown[tool.name] : undefined
  if (parameters === undefined) return toToolSchema(tool)
  return { name: tool.name, description: tool.description, parameters }
}

/** The identifier of a tool that is code: the same in every database. */
export function toolId(name: string): string {
  return namedIdentifier('tool', name)
}

function sharedName(list: readonly Tool[]): AppError {
  const names = list.map((tool) => tool.name)
  const shared = names.find((name, index) => names.indexOf(name) !== index)
  return new AppError(
    'configuration_invalid',
    `Cannot register tool ${shared}: there is another one of that name. Rename or remove one of them.`,
  )
}

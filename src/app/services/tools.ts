import { AppError } from '../../errors/app-error.ts'
import { toolId } from '../../tools/registry.ts'
import type { Tool } from '../../tools/tool.ts'
import type { ToolDescription } from '../../wire/tool.ts'
import type { AppParts } from '../app-parts.ts'

/** Which tools to list; absent fields do not filter. */
export interface ToolFilter {
  readonly names?: readonly string[]
  readonly ids?: readonly string[]
  /** Part of the name, without regard to case. */
  readonly search?: string
  readonly types?: readonly string[]
  readonly exceptTypes?: readonly string[]
}

/** The tools of this installation. */
export interface ToolService {
  /** Tools that pass the filter, in the order of the registry. */
  list(filter: ToolFilter): readonly ToolDescription[]
  /** @throws AppError `not_found`. */
  get(id: string): ToolDescription
  /** The tools of these identifiers that the installation has, in that order. */
  describe(ids: readonly string[]): readonly ToolDescription[]
  /** The identifiers of the tools of these names, and the names nothing is known of. */
  idsOf(names: readonly string[]): {
    readonly ids: readonly string[]
    readonly unknown: readonly string[]
  }
}

/** Makes the service of tools. */
export function createToolService({ tools }: Pick<AppParts, 'tools'>): ToolService {
  const describe = (tool: Tool): ToolDescription => ({
    id: toolId(tool.name),
    name: tool.name,
    description: tool.description,
    parameters: tools.schemaOf(tool).parameters,
    toolType: tool.toolType,
    tags: tool.tags,
    parallel: tool.parallel,
    returnLimit: tool.returnLimit,
    requiresApproval: tool.requiresApproval === true,
  })

  return {
    list: (filter) => tools.list.filter((tool) => passes(tool, filter)).map(describe),
    get(id) {
      const tool = tools.getById(id)
      if (tool === null) throw toolNotFound(id)
      return describe(tool)
    },
    describe: (ids) =>
      ids.flatMap((id) => {
        const tool = tools.getById(id)
        return tool === null ? [] : [describe(tool)]
      }),
    idsOf: (names) => ({
      ids: names.filter((name) => tools.get(name) !== null).map(toolId),
      unknown: names.filter((name) => tools.get(name) === null),
    }),
  }
}

function passes(tool: Tool, filter: ToolFilter): boolean {
  const { names, ids, search, types, exceptTypes } = filter
  return (
    (names?.includes(tool.name) ?? true) &&
    (ids?.includes(toolId(tool.name)) ?? true) &&
    (search === undefined || tool.name.toLowerCase().includes(search.toLowerCase())) &&
    (types?.includes(tool.toolType) ?? true) &&
    exceptTypes?.includes(tool.toolType) !== true
  )
}

function toolNotFound(id: string): AppError {
  return new AppError('not_found', `Tool not found with id=${id}`)
}

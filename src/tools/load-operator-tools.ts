import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { AppError, errorMessage } from '../errors/app-error.ts'
import { builtinTools } from './builtin/builtin-tools.ts'
import { defineTool } from './define-tool.ts'
import { importModule } from './import-module.ts'
import type { ActionTool, Tool } from './tool.ts'

/** What an item of a module is checked for when it was made by `defineTool`, perhaps by another copy of the package. */
const definedSchema = z.looseObject({
  kind: z.literal('action'),
  toolType: z.literal('custom'),
  name: z.string(),
})

/**
 * Loads an operator's tools: the array that an ES module exports as `tools` or as its default, of what `defineTool`
 * makes or takes.
 *
 * Rejects with `configuration_invalid`, which names the file, when there is none, it cannot be loaded, exports no tools,
 * or holds one that is not well formed or has the name of another one.
 */
export async function loadOperatorTools(path: string): Promise<readonly Tool[]> {
  const file = resolve(path)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw refuse(file, 'there is no such file', 'Give the path of an ES module')
  }
  const exported = await importTools(file)
  const list = exported['tools'] ?? exported['default']
  if (!Array.isArray(list)) {
    throw refuse(file, 'it exports no list of tools', 'Export an array as `tools`')
  }
  if (list.length === 0)
    throw refuse(file, 'its list of tools is empty', 'Define one with defineTool')
  const tools = list.map((item: unknown) => toTool(file, item))
  refuseSharedNames(file, tools)
  return tools
}

async function importTools(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const exported = await importModule(pathToFileURL(file).href)
    return { ...z.record(z.string(), z.unknown()).parse({ ...Object(exported) }) }
  } catch (error) {
    throw refuseWith(file, error, `${errorMessage(error)}. Correct the module.`)
  }
}

function toTool(file: string, item: unknown): ActionTool<unknown> {
  try {
    const isDefined = definedSchema.safeParse(item).success
    const { kind: _kind, toolType: _type, quotesMemory: _quotes, ...definition } = Object(item)
    return defineTool(isDefined ? definition : item)
  } catch (error) {
    throw refuseWith(file, error, errorMessage(error))
  }
}

function refuseSharedNames(file: string, tools: readonly Tool[]): void {
  const taken = new Map(builtinTools.map(({ name }) => [name, 'a built-in tool']))
  for (const { name } of tools) {
    const owner = taken.get(name)
    if (owner !== undefined) throw refuse(file, `${name} is the name of ${owner}`, 'Rename it')
    taken.set(name, 'another tool of the module')
  }
}

function refuse(file: string, problem: string, advice: string): AppError {
  return new AppError(
    'configuration_invalid',
    `Cannot load tools from ${file}: ${problem}. ${advice}; docs/operator-tools.md shows one.`,
  )
}

function refuseWith(file: string, error: unknown, problem: string): AppError {
  return new AppError('configuration_invalid', `Cannot load tools from ${file}: ${problem}`, {
    cause: error,
  })
}

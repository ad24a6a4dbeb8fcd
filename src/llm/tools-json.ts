import type { ModelTool } from './model.ts'

/** Each tool as it was written first. Those of the registry are the same objects in every turn, and tools never change. */
const written = new WeakMap<ModelTool, string>()

/** The JSON of a list of tools, byte for byte as `JSON.stringify` writes it; a tool that was seen before is not written anew. */
export function toolsJson(tools: readonly ModelTool[]): string {
  return `[${tools.map(writeOnce).join()}]`
}

function writeOnce(tool: ModelTool): string {
  const known = written.get(tool)
  if (known !== undefined) return known
  const json = JSON.stringify(tool)
  written.set(tool, json)
  return json
}

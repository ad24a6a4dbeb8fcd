import { builtinTools } from '../../src/tools/builtin/builtin-tools.ts'
import { toToolSchema } from '../../src/tools/tool-schema.ts'

/**
 * The text of src/tools/builtin/builtin-parameters.json: the JSON Schema of each built-in tool's arguments by its name.
 * Making them from zod's schemas would take a fortieth of the time that a command needs.
 */
export function builtinParameters(): string {
  const schemas = builtinTools.map((tool) => [tool.name, toToolSchema(tool).parameters])
  return `${JSON.stringify(Object.fromEntries(schemas), null, 2)}\n`
}

import { z } from 'zod'
import type { Json, JsonObject } from '../util/json.ts'
import type { Tool, ToolSchema } from './tool.ts'

/** A tool as the model and the wire see it. The same tool always gives the same bytes. */
export function toToolSchema(tool: Pick<Tool, 'name' | 'description' | 'parameters'>): ToolSchema {
  return {
    name: tool.name,
    description: tool.description,
    parameters: toParameterSchema(tool.parameters),
  }
}

/**
 * The JSON Schema of a tool's arguments: an object with `properties` and `required`, without what only some
 * providers take: `$schema`, `additionalProperties: false`, and the bounds of safe integers.
 */
export function toParameterSchema(parameters: z.ZodType): JsonObject {
  const schema = jsonObject.parse(z.toJSONSchema(parameters, { io: 'input' }))
  const { type, properties, required, ...rest } = cleanObject(schema)
  return {
    type: type ?? 'object',
    properties: properties ?? {},
    required: required ?? [],
    ...rest,
  }
}

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())

function clean(value: Json | undefined): Json | undefined {
  if (isList(value)) return value.map((item) => clean(item) ?? null)
  return isObject(value) ? cleanObject(value) : value
}

function cleanObject(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !isNoise(key, value))
      .map(([key, value]) => [key, clean(value)]),
  )
}

function isNoise(key: string, value: Json | undefined): boolean {
  if (key === '$schema') return true
  if (key === 'additionalProperties') return value === false
  if (key !== 'minimum' && key !== 'maximum') return false
  return typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}

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
  const schema = cleanObject(z.toJSONSchema(parameters, { io: 'input' }))
  const { type, properties, required, ...rest } = schema
  return {
    type: type ?? 'object',
    properties: properties ?? {},
    required: required ?? [],
    ...rest,
  }
}

/** A part of a JSON Schema without the noise; what JSON does not have becomes null. */
function clean(value: unknown): Json {
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value === 'object' && value !== null) return cleanObject(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}

function cleanObject(schema: object): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !isNoise(key, value))
      .map(([key, value]) => [key, clean(value)]),
  )
}

function isNoise(key: string, value: unknown): boolean {
  if (key === '$schema' || value === undefined) return true
  if (key === 'additionalProperties') return value === false
  if (key !== 'minimum' && key !== 'maximum') return false
  return typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER
}

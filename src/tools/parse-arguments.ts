import { z } from 'zod'
import { errorMessage } from '../errors/app-error.ts'
import type { Json, JsonObject } from '../util/json.ts'
import type { Tool } from './tool.ts'
import { toParameterSchema } from './tool-schema.ts'

/** The arguments of a call, or the text that tells the model what is wrong with them. */
export type ParsedArguments =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string }

/**
 * Reads the arguments a model wrote for a tool.
 *
 * Takes what means the same as valid arguments: an empty text for none, JSON inside a JSON string, `null` for an argument
 * left out, and a number, truth value or list written as a string. Anything else is an error that names each wrong
 * argument and shows what the tool takes. Arguments the tool does not have are ignored. `schema` is the JSON Schema that
 * the model has seen; default: made anew.
 */
export function parseArguments(
  tool: Pick<Tool, 'name' | 'parameters'>,
  jsonText: string,
  schema: JsonObject = toParameterSchema(tool.parameters),
): ParsedArguments {
  const read = readObject(jsonText)
  if (!read.ok) return { ok: false, error: describeError(tool.name, read.error, schema) }
  const result = tool.parameters.safeParse(repair(read.value, schema))
  if (result.success) return { ok: true, value: result.data }
  const problems = result.error.issues.map(describeIssue).join('; ')
  return { ok: false, error: describeError(tool.name, problems, schema) }
}

type ReadObject =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly error: string }

/** How often JSON may be wrapped in a JSON string. */
const maxEncodings = 3

function readObject(jsonText: string): ReadObject {
  let text = jsonText
  for (let depth = 0; depth < maxEncodings; depth += 1) {
    if (text.trim() === '') return { ok: true, value: {} }
    const parsed = parseJson(text)
    if (!parsed.ok) return parsed
    const { value } = parsed
    if (value === null) return { ok: true, value: {} }
    if (typeof value === 'object' && !Array.isArray(value)) {
      // JSON has no other values.
      return { ok: true, value: value as JsonObject }
    }
    if (typeof value !== 'string') break
    text = value
  }
  return { ok: false, error: 'they are not a JSON object' }
}

type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string }

function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, error: `they are not valid JSON (${errorMessage(error)})` }
  }
}

/** What is read of the JSON Schema of one argument. */
interface PropertySchema {
  readonly type?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly items?: PropertySchema | undefined
}

const propertySchema: z.ZodType<PropertySchema> = z.lazy(() =>
  z
    .object({
      type: z.string().optional(),
      enum: z.array(z.unknown()).optional(),
      get items() {
        return propertySchema.optional()
      },
    })
    .catch({}),
)

const propertySchemas = z.lazy(() => z.record(z.string(), propertySchema))

const requiredNames = z.lazy(() => z.array(z.string()))

function repair(given: JsonObject, schema: JsonObject): JsonObject {
  const properties = propertySchemas.parse(schema['properties'])
  const required = requiredNames.parse(schema['required'])
  const entries = Object.entries(given)
    .filter(([name, value]) => value !== null || required.includes(name))
    .map(([name, value]): [string, Json | undefined] => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
      return [name, typeof value === 'string' ? fromText(value, type) : value]
    })
  return Object.fromEntries(entries)
}

/** A string as the type that is asked for, when it clearly spells a value of it. */
function fromText(text: string, type: string | undefined): Json {
  if (type === undefined || type === 'string') return text
  if (type === 'array' && !text.trimStart().startsWith('[')) return text === '' ? [] : [text]
  const parsed = parseJson(text)
  if (!parsed.ok) return text
  const { value } = parsed
  const fits =
    (type === 'array' && Array.isArray(value)) ||
    (type === 'boolean' && typeof value === 'boolean') ||
    ((type === 'integer' || type === 'number') && typeof value === 'number')
  return fits ? z.json().parse(value) : text
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`
}

function describeError(name: string, problems: string, schema: JsonObject): string {
  return `Cannot call ${name}: its arguments do not fit, ${problems}. Call it again with a JSON object like ${describeParameters(schema)}.`
}

/** What a tool takes in one line, such as `{"label": string, "limit"?: integer}`. */
function describeParameters(schema: JsonObject): string {
  const required = requiredNames.parse(schema['required'])
  const fields = Object.entries(propertySchemas.parse(schema['properties'])).map(
    ([name, property]) =>
      `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${describeType(property)}`,
  )
  return `{${fields.join(', ')}}`
}

function describeType({ type, enum: options, items }: PropertySchema): string {
  if (options !== undefined) return options.map((option) => JSON.stringify(option)).join(' | ')
  if (type !== 'array') return type ?? 'any value'
  return `list of ${describeType(items ?? {})}`
}

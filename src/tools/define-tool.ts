import { z } from 'zod'
import { AppError, errorMessage } from '../errors/app-error.ts'
import type { JsonObject } from '../util/json.ts'
import { toParameterSchema } from './tool-schema.ts'
import type { ActionTool, ToolContext, ToolOutput } from './tool.ts'

/** What may happen to a call of which a crash leaves it unknown whether it took effect. */
export type ToolReplay = ActionTool<unknown>['replay']

/** What {@link defineTool} needs besides the arguments. */
interface OperatorToolBase {
  /** The name the model calls it by: letters, digits, `_` and `-`, up to 64. */
  readonly name: string
  /** What the model reads about it: what it does, when to use it, what it returns. */
  readonly description: string
  /**
   * What happens to a call that was cut by a crash: `read-only` and `idempotent` ones are made again, a `once` is not,
   * and the model is told that it may have taken effect.
   */
  readonly replay: ToolReplay
  /** Whether calls may run beside other calls of the same step. Default: false. */
  readonly parallel?: boolean
  /** The longest return in characters before it is cut. Default: 50,000. */
  readonly returnLimit?: number
  /**
   * Whether a person has to allow each call: agents get that rule when the tool is attached, and it can be taken off them.
   * Default: false.
   */
  readonly requiresApproval?: boolean
  /** Words to find the tool by in lists. Default: none. */
  readonly tags?: readonly string[]
}

/** What a call may return: a text, or a text with what was printed meanwhile. */
export type OperatorToolResult = string | ToolOutput

/** A tool whose arguments are described by a schema of zod 4. */
export interface OperatorTool<Schema extends z.ZodType> extends OperatorToolBase {
  /** An object schema. Calls that do not fit are refused with a reason that the model reads. */
  readonly parameters: Schema
  /**
   * Runs the call. Anything thrown becomes the error of the call, which the model reads. Must end soon after
   * `context.signal` aborts.
   */
  readonly run: (
    input: z.output<Schema>,
    context: ToolContext,
  ) => OperatorToolResult | Promise<OperatorToolResult>
}

/** A tool whose arguments are described by a JSON Schema of type object. */
export interface OperatorToolOfJsonSchema extends OperatorToolBase {
  /** The model sees it as it stands; calls that do not fit are refused with a reason that the model reads. */
  readonly parameters: JsonObject
  /** As {@link OperatorTool.run}; the input has been checked against the schema. */
  readonly run: (
    input: Readonly<Record<string, unknown>>,
    context: ToolContext,
  ) => OperatorToolResult | Promise<OperatorToolResult>
}

const defaultReturnLimit = 50_000

/**
 * Makes a tool of an operator's own, for `letta server --tools` and `createApp({ tools })`.
 *
 * @throws AppError `configuration_invalid` that names the tool and what is wrong with it.
 */
export function defineTool<Schema extends z.ZodType>(
  definition: OperatorTool<Schema>,
): ActionTool<z.output<Schema>>
export function defineTool(
  definition: OperatorToolOfJsonSchema,
): ActionTool<Readonly<Record<string, unknown>>>
export function defineTool(definition: unknown): ActionTool<unknown> {
  const shape = shapeSchema.safeParse(definition)
  if (!shape.success) throw refuse(nameOf(definition), describeIssues(shape.error))
  const { parameters, run, parallel, returnLimit, requiresApproval, tags, ...rest } = shape.data
  return {
    kind: 'action',
    ...rest,
    parameters: toZod(rest.name, parameters),
    toolType: 'custom',
    parallel: parallel ?? false,
    returnLimit: returnLimit ?? defaultReturnLimit,
    requiresApproval: requiresApproval ?? false,
    tags: tags ?? [],
    quotesMemory: false,
    run: async (input, context) => toOutput(rest.name, await run(input, context)),
  }
}

type AnyRun = (input: unknown, context: ToolContext) => unknown

const shapeSchema = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, 'must be a word of letters, digits, _ and -'),
  description: z.string().trim().min(1, 'must not be empty'),
  parameters: z.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be a zod schema or a JSON Schema',
  ),
  replay: z.enum(['read-only', 'idempotent', 'once'], 'must be read-only, idempotent or once'),
  parallel: z.boolean().optional(),
  returnLimit: z.int().min(1).optional(),
  requiresApproval: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  run: z.custom<AnyRun>((value) => typeof value === 'function', 'must be a function'),
})

const outputSchema = z.union([
  z.string().transform((text): ToolOutput => ({ text })),
  z.object({
    text: z.string(),
    stdout: z.array(z.string()).default([]),
    stderr: z.array(z.string()).default([]),
  }),
])

function toOutput(name: string, value: unknown): ToolOutput {
  const result = outputSchema.safeParse(value)
  if (result.success) return result.data
  throw new TypeError(
    `Cannot use what ${name} returned: it is neither a text nor an object with one. The call may have taken effect.`,
  )
}

/** The operator's zod may be another copy than ours; what counts is that its schemas are of version 4. */
function toZod(name: string, parameters: object): z.ZodType {
  try {
    const schema = isZod(parameters) ? parameters : fromJsonSchema(parameters)
    if (toParameterSchema(schema)['type'] === 'object') return schema
  } catch (error) {
    throw refuse(name, `parameters cannot be used (${errorMessage(error)})`, error)
  }
  throw refuse(name, 'parameters must describe an object')
}

function isZod(value: object): value is z.ZodType {
  if ('_zod' in value) return true
  if ('_def' in value) throw new TypeError('they are of zod 3; use zod 4 or a JSON Schema')
  return false
}

function fromJsonSchema(given: object): z.ZodType {
  const json = z.record(z.string(), z.json()).parse(given)
  const schema = z.fromJSONSchema(json)
  // What the model sees is the operator's own text, not a translation of it.
  schema._zod.toJSONSchema = () => structuredClone(json)
  return schema
}

function nameOf(definition: unknown): string | null {
  const named = z.object({ name: z.string() }).safeParse(definition)
  return named.success ? named.data.name : null
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(' ')).join('; ')
}

function refuse(name: string | null, problem: string, cause?: unknown): AppError {
  return new AppError(
    'configuration_invalid',
    `Cannot define the tool ${name === null ? 'without a name' : JSON.stringify(name)}: ${problem}. ` +
      'Correct its definition; docs/operator-tools.md shows one.',
    { cause },
  )
}

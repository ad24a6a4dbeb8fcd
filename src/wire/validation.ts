import type { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { PythonTuple, toPythonText } from './python-text.ts'

/** One thing that is wrong with a request, in the words of the original server. */
export interface ValidationIssue {
  /** A stable name such as `missing` or `string_type`. */
  readonly type: string
  /** Where: `body`, `query` or `path`, then keys and indexes. */
  readonly location: readonly (string | number)[]
  readonly message: string
  /** What was sent there. */
  readonly input: unknown
}

/** The part of a request that a value came from. */
export type RequestPart = 'body' | 'query' | 'path'

/**
 * Checks a value of a request against its schema.
 *
 * @throws AppError `validation_failed` with every issue, each with its type, place, message and input.
 */
export function decodeRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: RequestPart,
): z.infer<Schema> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw validationError(
    result.error.issues.flatMap((issue) => toIssues(issue, [part, ...toLocation(issue.path)])),
  )
}

/** The error of a request that does not have the shape its route asks for. */
export function validationError(
  issues: readonly ValidationIssue[],
  examples: readonly string[] = [],
): AppError {
  const list = issues.map(({ type, location, message, input }) => ({
    type,
    loc: new PythonTuple(location),
    msg: message,
    input,
  }))
  return new AppError('validation_failed', toPythonText(list), {
    data: examples.length > 0 ? { examples } : {},
  })
}

type Issue = z.core.$ZodIssue

/** What is said of a union whose schema says nothing. */
const unsaid = 'Invalid input'

function toLocation(path: readonly PropertyKey[]): readonly (string | number)[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)))
}

function toIssues(
  issue: Issue,
  location: readonly (string | number)[],
): readonly ValidationIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      type: 'extra_forbidden',
      location: [...location, key],
      message: 'Extra inputs are not permitted',
      input: memberOf(issue.input, key),
    }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // One that says itself what it wants does so better than its nearest part.
    if (issue.message !== unsaid) {
      return [{ type: 'value_error', location, message: issue.message, input: issue.input }]
    }
    const nearest = issue.errors.toSorted((left, right) => left.length - right.length)[0] ?? []
    return nearest.flatMap((inner) => toIssues(inner, [...location, ...toLocation(inner.path)]))
  }
  const { type, message } = describe(issue)
  return [{ type, location, message, input: issue.input }]
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : null
}

function describe(issue: Issue): { readonly type: string; readonly message: string } {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input)
    case 'invalid_value':
      return describeChoice(issue.values)
    case 'invalid_union':
      return { type: 'union_tag_invalid', message: issue.message }
    case 'invalid_format':
      return {
        type: 'string_pattern_mismatch',
        message: patternMessage(issue),
      }
    case 'too_small':
      return describeBound(issue.origin, 'least', { ...issue, limit: Number(issue.minimum) })
    case 'too_big':
      return describeBound(issue.origin, 'most', { ...issue, limit: Number(issue.maximum) })
    default:
      return { type: 'value_error', message: `Value error, ${issue.message}` }
  }
}

/** A schema that says more than its expression does brings its own message. */
function patternMessage(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (!issue.message.startsWith('Invalid')) return issue.message
  const pattern = issue.pattern?.replace(/^\/(.*)\/[a-z]*$/s, '$1') ?? issue.format
  return `String should match pattern '${pattern}'`
}

const typeNames: Readonly<Record<string, readonly [type: string, message: string]>> = {
  string: ['string_type', 'Input should be a valid string'],
  number: ['float_type', 'Input should be a valid number'],
  int: ['int_type', 'Input should be a valid integer'],
  boolean: ['bool_type', 'Input should be a valid boolean'],
  array: ['list_type', 'Input should be a valid list'],
  object: ['model_attributes_type', 'Input should be a valid dictionary'],
  record: ['dict_type', 'Input should be a valid dictionary'],
}

function describeType(expected: string, input: unknown): { type: string; message: string } {
  if (input === undefined) return { type: 'missing', message: 'Field required' }
  const [type, message] = typeNames[expected] ?? ['value_error', `Input should be ${expected}`]
  return { type, message }
}

function describeChoice(values: readonly unknown[]): { type: string; message: string } {
  const names = values.map((value) => toPythonText(value))
  const last = names.at(-1) ?? ''
  const list = names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last
  return { type: values.length > 1 ? 'enum' : 'literal_error', message: `Input should be ${list}` }
}

function describeBound(
  origin: string,
  bound: 'least' | 'most',
  { limit, inclusive = true }: { readonly limit: number; readonly inclusive?: boolean | undefined },
): { type: string; message: string } {
  const short = bound === 'least' ? 'too_short' : 'too_long'
  if (origin === 'string') {
    return {
      type: `string_${short}`,
      message: `String should have at ${bound} ${limit} characters`,
    }
  }
  if (origin === 'array') {
    return { type: short, message: `List should have at ${bound} ${limit} items` }
  }
  if (!inclusive) {
    const word = bound === 'least' ? 'greater' : 'less'
    return { type: `${word}_than`, message: `Input should be ${word} than ${limit}` }
  }
  return bound === 'least'
    ? { type: 'greater_than_equal', message: `Input should be greater than or equal to ${limit}` }
    : { type: 'less_than_equal', message: `Input should be less than or equal to ${limit}` }
}

import { z } from 'zod'
import { stopReasons } from '../domain/run.ts'
import { present } from './optional.ts'
import { toStorable } from './storable.ts'
import { decodeRequest } from './validation.ts'

/** More than anyone pages through at once; larger limits are cut to it, and cursors go on from there. */
const maxLimit = 10_000

/** A yes or no in a query: `true`, `1`, `yes` and the like. */
export const queryFlag = z.lazy(() => z.stringbool())

/** A whole number in a query. */
export const queryInteger = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number)

/** A text that may be repeated in a query. */
export const queryList = z.lazy(() =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string())),
)

/** Why a run stopped, in a query. */
export const queryStopReason = z.enum(stopReasons)

/** The values of a query by name; empty ones are left out, as the client writes null so. */
export function toQueryValues(parameters: URLSearchParams): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {}
  for (const name of new Set(parameters.keys())) {
    const given = parameters.getAll(name).filter((value) => value !== '')
    const [first, ...more] = given
    if (first !== undefined) values[name] = more.length === 0 ? first : given
  }
  return values
}

/**
 * Checks the query of a request; what no engine can store is taken out first.
 *
 * @throws AppError `validation_failed`.
 */
export function decodeQuery<Schema extends z.ZodType>(
  schema: Schema,
  parameters: URLSearchParams,
): z.infer<Schema> {
  return decodeRequest(schema, toStorable(toQueryValues(parameters)).value, 'query')
}

/** The parameters every list takes. */
export interface PageShape {
  readonly limit: z.ZodType<number>
  readonly order: z.ZodType<'asc' | 'desc'>
  readonly before: z.ZodOptional<z.ZodString>
  readonly after: z.ZodOptional<z.ZodString>
  readonly order_by: z.ZodOptional<z.ZodEnum<{ created_at: 'created_at' }>>
}

/** The page parameters of a list with its defaults. */
export function pageShape(defaults: {
  readonly limit: number
  readonly order?: 'asc' | 'desc'
}): PageShape {
  return {
    limit: limitParameter(defaults.limit, maxLimit),
    order: z.enum(['asc', 'desc']).default(defaults.order ?? 'desc'),
    before: z.string().optional(),
    after: z.string().optional(),
    order_by: z.enum(['created_at']).optional(),
  }
}

function limitParameter(standard: number, cut: number): z.ZodType<number> {
  return queryInteger
    .pipe(z.number().min(1))
    .default(standard)
    .transform((limit) => Math.min(limit, cut))
}

/** The page of a decoded query, without cursors that are absent. */
export function toPage(query: {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly before?: string | undefined
  readonly after?: string | undefined
}): { limit: number; order: 'asc' | 'desc'; before?: string; after?: string } {
  const { limit, order, before, after } = query
  return { limit, order, ...present({ before, after }) }
}

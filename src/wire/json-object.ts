import { z } from 'zod'
import type { Json, JsonObject } from '../util/json.ts'

const json: z.ZodType<Json> = z.lazy(() => z.json())

/** Any JSON object, as it came. */
export const jsonObject: z.ZodType<JsonObject> = z.lazy(() => z.record(z.string(), json))

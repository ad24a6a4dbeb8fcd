import type { z } from 'zod'

/** A field that may be left out; null means the same. */
export function optional<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodType<z.infer<Schema> | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** The members of a type that are there, without those that may be undefined. */
export type Present<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> }

/** A copy without the members that are undefined: what is absent stays absent on its way through threads and stores. */
export function present<Value extends object>(value: Value): Present<Value> {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  // `fromEntries` forgets which members there were; the filter only took some away.
  return Object.fromEntries(members) as Present<Value>
}

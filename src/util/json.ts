/** Any value that survives a round trip through JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** A JSON object with string keys. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

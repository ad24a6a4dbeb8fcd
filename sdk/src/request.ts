import { toLettaError } from './errors.ts'

/** Makes a request; what it is refused with is thrown as `LettaError`. */
export async function explain<Result>(request: () => PromiseLike<Result>): Promise<Result> {
  try {
    return await request()
  } catch (error) {
    throw toLettaError(error)
  }
}

/** A query without the fields that were not given. */
export function withoutAbsent(query: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

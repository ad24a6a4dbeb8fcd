import type { JsonObject } from '../util/json.ts'
import type { Run } from './run.ts'

/** An answer that a person marked as good, with what it rested on then: whether that is still found can be tested later. */
export interface Star {
  /** When it was starred, in epoch milliseconds. */
  readonly at: number
  /** The messages, passages and facts that the answer rested on, by id; at least one. */
  readonly sources: readonly string[]
}

/** The star of a run's answer, which is kept with what else is known of the run; null = it has none. */
export function starOf({ metadata }: Pick<Run, 'metadata'>): Star | null {
  const stored = metadata['starred']
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null
  const { at, sources } = stored as JsonObject
  if (typeof at !== 'number' || !Array.isArray(sources)) return null
  return { at, sources: sources.filter((source) => typeof source === 'string') }
}

/** The metadata of a run with a star, or with `null` without one. */
export function withStar(metadata: JsonObject, star: Star | null): JsonObject {
  const { starred: _former, ...rest } = metadata
  return star === null ? rest : { ...rest, starred: { at: star.at, sources: [...star.sources] } }
}

import type { JsonObject } from '../util/json.ts'

/** A collection of passages; an agent has at most one attached, several agents may share one. */
export interface Archive {
  /** `archive-<uuid4>`. */
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly metadata: JsonObject
  /** The handle of the embedding model, or null: words only. */
  readonly embedding: string | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdById: string | null
}

/** Where stored texts come from. */
export const origins = ['user', 'agent', 'tool', 'web', 'import'] as const

/** Where a stored text came from; decides what it may be used for. */
export type Origin = (typeof origins)[number]

/** The origins whose texts wait until a person approves them, and decide nothing before. */
export const untrustedOrigins: readonly Origin[] = ['tool', 'web']

/** A dated text of archival memory. */
export interface Passage {
  /** `passage-<uuid4>`. */
  readonly id: string
  readonly archiveId: string
  readonly text: string
  readonly tags: readonly string[]
  readonly metadata: JsonObject
  readonly origin: Origin
  /** The messages it was taken from; empty when there are none. */
  readonly sourceMessageIds: readonly string[]
  /** The time the text is about, in epoch milliseconds: the caller's, else when it was stored. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdById: string | null
}

import { randomUUID } from 'node:crypto'

/** Where new identifiers come from; tests pass a numbered one so that stored rows are the same in every run. */
export interface IdSource {
  /** A new lower-case version 4 UUID, never returned before by this source. */
  uuid(): string
}

/** Identifiers from the operating system's secure random source. */
export const randomIds: IdSource = { uuid: () => randomUUID() }

import type { Message } from '../../domain/message.ts'

/** A message on its way into the store. */
export interface NewMessage {
  /** `sequence` is filled in by the store. */
  readonly message: Message
  /** Its normalised tokens for search (see `memory/analysis`); null = it is not searchable. */
  readonly tokens: readonly string[] | null
}

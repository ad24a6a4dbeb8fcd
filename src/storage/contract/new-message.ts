import type { Message } from '../../domain/message.ts'
import type { SearchEntry } from './search-entry.ts'

/** A message on its way into the store. */
export interface NewMessage {
  /** `sequence` is filled in by the store. */
  readonly message: Message
  /** What search finds it by; null = it is not searchable. */
  readonly entry: SearchEntry | null
}

import type { Json } from '../util/json.ts'

/**
 * Word from outside that something has happened, for a turn of a conversation that waits for its name now or later.
 * It is kept until one wait has used it up, and then its payload is gone.
 */
export interface Signal {
  /** `signal-<uuid4>`, or what the sender chose so that a repeat is known; unique in its conversation. */
  readonly id: string
  readonly conversationId: string
  readonly name: string
  /** What the sender has to say; null once it was used up. */
  readonly payload: Json
  readonly createdAt: number
  /** When a wait used it up; null = it is still there. */
  readonly consumedAt: number | null
}

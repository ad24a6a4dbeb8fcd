import type { ContentPart, MessageRole } from './message.ts'
import type { TenantScope } from './scope.ts'

/** When a schedule fires. */
export type ScheduleTiming =
  | {
      readonly type: 'cron'
      /** Five fields, or six with seconds first. */
      readonly expression: string
      /** The IANA name of the zone whose clock the expression speaks of. */
      readonly timezone: string
    }
  | {
      readonly type: 'every'
      /** From one firing to the next, in milliseconds. */
      readonly milliseconds: number
    }
  | {
      readonly type: 'once'
      /** In epoch milliseconds. */
      readonly at: number
    }

/** One message that a schedule sends. */
export interface ScheduledMessage {
  readonly role: Extract<MessageRole, 'user' | 'system' | 'assistant'>
  readonly content: readonly ContentPart[]
  readonly name: string | null
  readonly senderId: string | null
}

/** What a schedule sends each time. */
export interface ScheduledInput {
  /** At least one. */
  readonly messages: readonly ScheduledMessage[]
  /** The most model calls of each turn; null = the default. */
  readonly maxSteps: number | null
  readonly callbackUrl: string | null
  /** The wire message types that its runs' messages are limited to; null = all. */
  readonly returnMessageTypes: readonly string[] | null
}

/**
 * What happens to times at which no server ran: nothing is sent, one message for all of them, or one for each (the
 * newest of them, when they are very many).
 */
export type MissedPolicy = 'skip' | 'once' | 'all'

/** Sends a message to a conversation at a time, or again and again. */
export interface Schedule {
  /** `schedule-<uuid4>`. */
  readonly id: string
  readonly agentId: string
  readonly conversationId: string
  /** Whose rights it acts with: those of who made it. */
  readonly creator: Pick<TenantScope, 'userId' | 'role' | 'agentIds'>
  readonly timing: ScheduleTiming
  readonly input: ScheduledInput
  readonly missed: MissedPolicy
  /** `finished`: it never fires again, because its only time is over or its conversation is gone. */
  readonly state: 'active' | 'paused' | 'finished'
  /** When it fires next; null while it is not active. */
  readonly nextAt: number | null
  /** The time it was last due, whether or not a message was sent then. */
  readonly lastDueAt: number | null
  /** The run of its last message. */
  readonly lastRunId: string | null
  /** Why nothing was sent the last time; null = a message was sent, or none was due yet. */
  readonly lastError: string | null
  /** How many messages it sent. */
  readonly firedCount: number
  /** How many times passed without a message. */
  readonly missedCount: number
  readonly createdAt: number
  readonly updatedAt: number
}

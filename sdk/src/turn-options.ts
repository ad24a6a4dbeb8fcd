import type { WireMessage } from './messages.ts'

/** A message for an agent. */
export interface UserMessageOptions {
  readonly agentId: string
  /** What to say; not blank. */
  readonly message: string
  /** The conversation (`conv-…`). Default: the agent's own default one. */
  readonly conversationId?: string | undefined
  /** A model for this turn only, as `provider/model`. Default: the conversation's or the agent's. */
  readonly model?: string | undefined
  /**
   * The idempotency key: sending the same one again attaches to the turn it started. Default: a new one for each call,
   * so that a request repeated because of a broken connection is answered once.
   */
  readonly otid?: string | undefined
  /** Stops the waiting. The turn itself goes on; `client.letta` can cancel its run. */
  readonly signal?: AbortSignal | undefined
  /** Gets each frame of the stream as the wire carries it, before the events made from it. */
  readonly onFrame?: ((frame: WireMessage) => void) | undefined
}

/** Which run to follow. */
export interface FollowOptions {
  readonly runId: string
  /** Begin behind the frame of this number (`seq_id`). Default: 0, the beginning. */
  readonly after?: number | undefined
  /** Stops the waiting, not the run. */
  readonly signal?: AbortSignal | undefined
  /** Gets each frame of the stream as the wire carries it, before the events made from it. */
  readonly onFrame?: ((frame: WireMessage) => void) | undefined
}

/** Which run to watch: one by its id, or one of a conversation. */
export type WatchOptions =
  | FollowOptions
  | (Omit<FollowOptions, 'runId'> & {
      readonly agentId: string
      /** The conversation (`conv-…`). Default: the agent's own default one. */
      readonly conversationId?: string | undefined
      /** The idempotency key of the message that began the run. Default: the newest run that has not ended. */
      readonly otid?: string | undefined
    })

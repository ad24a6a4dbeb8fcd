/** What a speaker tells about its work, one line each, so that nothing is lost when it is killed. */
export type SpeakerRecord =
  /** The data folder is open. */
  | { readonly type: 'ready' }
  /** About to send a message. */
  | { readonly type: 'sent'; readonly otid: string; readonly conversationId: string }
  /** The message was acknowledged: response's head in hand. */
  | {
      readonly type: 'accepted'
      readonly otid: string
      readonly runId: string
      readonly ms: number
    }
  /** The answer was read to its end. */
  | {
      readonly type: 'answered'
      readonly otid: string
      readonly ms: number
      readonly stopReason: string
    }
  /** The message was not acknowledged, or its answer not read to the end. */
  | { readonly type: 'failed'; readonly otid: string; readonly reason: string }
  /** One operation of the store that writes, from its call until it was on disk. */
  | { readonly type: 'commit'; readonly operation: string; readonly ms: number }

/** Where a speaker's records go. */
export type Tell = (record: SpeakerRecord) => void

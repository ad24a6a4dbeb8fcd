/** One frame of a stream as a client got it. */
export interface SeenFrame {
  readonly seqId: number
  readonly body: string
}

/** What a client knows of one message it sent. */
export interface SentMessage {
  readonly otid: string
  readonly agentId: string
  /** What was said, with a mark; an answer to a request carries the mark of what it is about. */
  readonly text: string
  /** Present when it answers a request: whether the call was allowed. */
  readonly allows?: boolean
  /** The run of the response's head: from then on the message counts as acknowledged. */
  readonly runId: string | null
  /** What was read of the run's stream, in the order it came, over all connections. */
  readonly frames: readonly SeenFrame[]
}

/** A run as the API shows it when everything is quiet again. */
export interface SettledRun {
  readonly id: string
  readonly status: string
  readonly stopReason: string | null
  /** Whether a failed run says why. */
  readonly hasReason: boolean
  /** Its stream, read again from the beginning. */
  readonly replay: readonly SeenFrame[]
}

/** A message as the API lists it. */
export interface SettledMessage {
  readonly id: string
  readonly agentId: string
  readonly type: string
  readonly otid: string | null
  readonly text: string
  /** `success` or `error` of a tool's return. */
  readonly status: string | null
}

/** A message that was scheduled for a time before or after the last kill. */
export interface SeenSchedule {
  readonly id: string
  readonly agentId: string
  /** `finished` when its time has come. */
  readonly state: string
  /** How often it says it has sent its message. */
  readonly firedCount: number
}

/** Everything that is known after the last kill. */
export interface Observation {
  readonly sent: readonly SentMessage[]
  readonly runs: readonly SettledRun[]
  readonly messages: readonly SettledMessage[]
  /** The lines that tools wrote outside, each with the mark of the message that asked for it. */
  readonly effects: readonly string[]
  /** The value of each agent's `human` block. */
  readonly blocks: Readonly<Record<string, string>>
  readonly schedules: readonly SeenSchedule[]
}

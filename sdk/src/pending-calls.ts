import { LettaError } from './errors.ts'

/** A tool call that waits for somebody to allow it, or for the caller to run it. */
export interface PendingCall {
  readonly callId: string
  readonly name: string
  /** The arguments as JSON text. */
  readonly arguments: string
}

/**
 * A turn rests until tool calls are answered: `client.approve`, `client.deny` or `client.returnTools` go on with it, now
 * or months later. Code `pending_approval`.
 */
export class PendingApprovalError extends LettaError {
  override readonly name: string = 'PendingApprovalError'
  /** The calls that wait; each needs an answer. */
  readonly calls: readonly PendingCall[]

  constructor(runId: string | null, calls: readonly PendingCall[]) {
    const names = calls.map((call) => call.name).join(', ')
    super(
      'pending_approval',
      `Cannot get an answer: the agent waits for an approval of ${names || 'a tool call'}. ` +
        'Approve or deny it with client.approve or client.deny, or send its result with client.returnTools.',
      { runId },
    )
    this.calls = calls
  }
}

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SendRequest, streamTurn } from '../harness/api.ts'
import type { Tell } from './record.ts'

/** What a speaker says to whom, and until when. */
export interface Speech {
  readonly send: SendRequest
  /** Conversations of which it takes one at random each time. */
  readonly conversationIds: readonly string[]
  readonly tell: Tell
  /** When to stop, in milliseconds of the clock. */
  readonly until: number
}

/** How long a turn may take, takeover from a killed process included, in milliseconds. */
const turnDeadlineMs = 20_000
/** The pause after a failure, for instance while the server is down, in milliseconds. */
const failurePauseMs = 100

/** Sends one message after the other and tells what became of each. */
export async function speak(speech: Speech): Promise<void> {
  while (Date.now() < speech.until) {
    if (!(await sayOnce(speech))) await sleep(failurePauseMs)
  }
}

async function sayOnce({ send, conversationIds, tell }: Speech): Promise<boolean> {
  const conversationId = conversationIds[Math.floor(Math.random() * conversationIds.length)] ?? ''
  const otid = randomUUID()
  const begun = performance.now()
  tell({ type: 'sent', otid, conversationId })
  try {
    const turn = await streamTurn(
      (path, init) => send(path, { ...init, signal: AbortSignal.timeout(turnDeadlineMs) }),
      `/v1/conversations/${conversationId}/messages`,
      {
        text: `WORDS 4, message ${otid}`,
        otid,
        onAccepted: (runId) =>
          tell({ type: 'accepted', otid, runId, ms: performance.now() - begun }),
      },
    )
    tell({ type: 'answered', otid, ms: turn.totalMs, stopReason: turn.stopReason ?? 'none' })
    return turn.stopReason !== null
  } catch (error) {
    tell({ type: 'failed', otid, reason: error instanceof Error ? error.message : String(error) })
    return false
  }
}

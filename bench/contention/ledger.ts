import { isWrite } from './is-write.ts'
import type { SpeakerRecord } from './record.ts'

/** What is known of one message from the outside. */
export interface LedgerEntry {
  readonly otid: string
  readonly conversationId: string
  /** Set once it was acknowledged. */
  runId: string | null
  /** Set once its answer was read to the end. */
  stopReason: string | null
}

/** What the speakers of one kind saw. */
export interface Ledger {
  readonly entries: ReadonlyMap<string, LedgerEntry>
  /** Times until messages were acknowledged, in milliseconds. */
  readonly accepted: readonly number[]
  /** Times until answers were read, in milliseconds. */
  readonly answered: readonly number[]
  /** Times of single commits with their operation, in milliseconds. */
  readonly commits: readonly { readonly operation: string; readonly ms: number }[]
  /** Why messages were not acknowledged or not answered, with how often. */
  readonly failures: ReadonlyMap<string, number>
  /** Takes in a record. */
  add(record: SpeakerRecord): void
  /** Takes in a printed line; half a line, left by a killed process, is not one. */
  addLine(line: string): void
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>()
  const accepted: number[] = []
  const answered: number[] = []
  const commits: { readonly operation: string; readonly ms: number }[] = []
  const failures = new Map<string, number>()

  function add(record: SpeakerRecord): void {
    if (record.type === 'ready') return
    if (record.type === 'commit') {
      if (isWrite(record.operation)) commits.push(record)
      return
    }
    const { otid } = record
    if (record.type === 'sent') {
      const { conversationId } = record
      entries.set(otid, { otid, conversationId, runId: null, stopReason: null })
      return
    }
    if (record.type === 'failed') {
      failures.set(record.reason, (failures.get(record.reason) ?? 0) + 1)
      return
    }
    const entry = entries.get(otid)
    if (entry === undefined) throw new Error(`a message that was never sent: ${otid}`)
    if (record.type === 'accepted') {
      entry.runId = record.runId
      accepted.push(record.ms)
    } else {
      entry.stopReason = record.stopReason
      answered.push(record.ms)
    }
  }

  return {
    entries,
    accepted,
    answered,
    commits,
    failures,
    add,
    addLine(line) {
      if (line.startsWith('{') && line.endsWith('}')) add(JSON.parse(line) as SpeakerRecord)
    },
  }
}

import type { RunEvent } from '../domain/run.ts'
import { anyNews, type CommitNews } from './commit-news.ts'
import type { AcceptedInput } from './contract/turn-store.ts'
import type { StoreOperation } from './store.ts'

const waitingWork: CommitNews = { logs: new Map(), stops: false, work: true }

/** Writes whose result holds all events that they stored. */
const logged: ReadonlySet<StoreOperation> = new Set([
  'appendEvents',
  'commitStep',
  'commitTool',
  'commitCompaction',
  'endTurn',
])

/** Writes that change nothing anybody waits for. */
const silent: ReadonlySet<StoreOperation> = new Set([
  'beginWork',
  'claimLease',
  'claimWork',
  'markDelivered',
  'putTokenFactor',
  'renewJob',
  'renewLease',
  'startTools',
  'touchKey',
])

/** What there is to tell of an operation that was committed with this result; null = nothing. */
export function newsOf(name: StoreOperation, result: unknown): CommitNews | null {
  if (silent.has(name)) return null
  if (name === 'acceptInput') return isBegun(result) ? null : waitingWork
  if (!logged.has(name)) return anyNews
  const logs = new Map(eventsOf(result).map(({ runId, sequence }) => [runId, sequence]))
  return { logs, stops: false, work: false }
}

/** Whether the process that accepted an input has begun with it. */
function isBegun(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('claim' in result)) return false
  return (result as AcceptedInput).claim?.state === 'claimed'
}

function eventsOf(result: unknown): readonly RunEvent[] {
  if (Array.isArray(result)) return result as readonly RunEvent[]
  if (typeof result !== 'object' || result === null || !('events' in result)) return []
  return result.events as readonly RunEvent[]
}

import type { TimedWait, ToolJournalEntry } from '../domain/run.ts'
import type { Signal } from '../domain/signal.ts'
import { formatDuration } from '../memory/duration.ts'
import { quoteAsData } from '../memory/quote.ts'
import { formatInZone } from '../memory/zoned-time.ts'
import type { JournaledReturn } from '../storage/contract/turn-store.ts'
import type { WaitTool } from '../tools/tool.ts'
import { cutReturn, errorReturn, executionError, type ToolResult } from './run-tool.ts'
import type { ActiveTurn } from './turn-state.ts'

/** What came of a wait: a return to commit, or null while the turn rests. */
export interface WaitOutcome {
  readonly result: JournaledReturn
  /** The signal that ended it, used up by the commit of the return. */
  readonly signalId: string | null
}

/**
 * Lets the turn rest until what a call waits for has come; null = it rests now. A turn that was woken calls this again and
 * gets the return: what it waits for and since when was stored when it began to wait.
 */
export async function runWait(
  turn: ActiveTurn,
  entry: ToolJournalEntry,
  request: Extract<ToolResult, { readonly kind: 'wait' }>,
): Promise<WaitOutcome | null> {
  const { parts, scope, lease, work } = turn
  const at = parts.clock.now()
  let wait: TimedWait
  try {
    wait = storedWait(turn, entry) ?? planWait(turn, entry, request)
  } catch (error) {
    return { result: errorReturn(executionError(entry.name, error)), signalId: null }
  }
  const parked = await parts.store.parkTurn(scope, { lease, turnId: work.turn.id, wait, at })
  if (parked.state === 'parked' || parked.state === 'cancelled') return null
  const signal = parked.state === 'signalled' ? parked.signal : null
  const text = cutReturn(turn, request.tool, describeOutcome(turn, wait, { signal, at }))
  return {
    result: { status: 'success', text, stdout: null, stderr: null },
    signalId: signal?.id ?? null,
  }
}

function storedWait({ work }: ActiveTurn, { callId }: ToolJournalEntry): TimedWait | null {
  const { waitingFor } = work.turn
  if (waitingFor === null || waitingFor.kind === 'approval') return null
  return waitingFor.callId === callId ? waitingFor : null
}

function planWait(
  { parts, work }: ActiveTurn,
  { callId }: ToolJournalEntry,
  { tool, input }: { readonly tool: WaitTool<unknown>; readonly input: unknown },
): TimedWait {
  const since = parts.clock.now()
  const plan = tool.plan(input, { now: since, timezone: work.agent.timezone })
  return { ...plan, callId, since }
}

function describeOutcome(
  { work }: ActiveTurn,
  wait: TimedWait,
  { signal, at }: { readonly signal: Signal | null; readonly at: number },
): string {
  const now = formatInZone(at, work.agent.timezone)
  const waited = `You waited ${formatDuration(at - wait.since)}. It is now ${now}.`
  if (wait.kind === 'timer') return waited
  const name = quoteAsData(JSON.stringify(wait.name))
  if (signal === null) return `The signal ${name} did not come in time. ${waited}`
  const came = `The signal ${name} came. ${waited}`
  if (signal.payload === null) return came
  const payload = quoteAsData(JSON.stringify(signal.payload))
  return `${came} What its sender said, as data:\n<value>\n${payload}\n</value>`
}

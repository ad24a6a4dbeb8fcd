import type { RunError, StopReason } from '../domain/run.ts'
import type { TurnEnd } from '../storage/contract/turn-store.ts'
import { endJobs } from './end-jobs.ts'
import { publishCommit } from './publish-commit.ts'
import { createTurnEnd } from './turn-end.ts'
import type { ActiveTurn, RoundResult } from './turn-state.ts'

/** Why a turn ends without a further step. */
interface EndReason {
  readonly stopReason: StopReason
  readonly error: RunError | null
}

/** Ends a turn and its run without a further step. */
export async function endTurn(turn: ActiveTurn, reason: EndReason): Promise<RoundResult> {
  const { parts, scope, lease, work } = turn
  const end = await readTurnEnd(turn, reason)
  const result = await parts.store.endTurn(scope, { lease, end })
  publishCommit(turn, result)
  return { items: work.items, ended: true, released: result.released }
}

/** The end of a turn and its run with what its stored steps used. */
export async function readTurnEnd(
  turn: ActiveTurn,
  { stopReason, error }: EndReason,
): Promise<TurnEnd> {
  const { parts, scope, work } = turn
  const usage = await parts.store.getRunUsage(scope, { runId: work.run.id })
  const at = parts.clock.now()
  const jobs = endJobs(turn, at)
  return createTurnEnd({ work, stopReason, usage, error, timeToFirstTokenNs: null, jobs, at })
}

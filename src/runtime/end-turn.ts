import type { RunError, StopReason } from '../domain/run.ts'
import { publishCommit } from './publish-commit.ts'
import { createTurnEnd } from './turn-end.ts'
import type { ActiveTurn, RoundResult } from './turn-state.ts'

/** Ends a turn and its run without a further step. */
export async function endTurn(
  turn: ActiveTurn,
  { stopReason, error }: { readonly stopReason: StopReason; readonly error: RunError | null },
): Promise<RoundResult> {
  const { parts, scope, lease, work } = turn
  const usage = await parts.store.getRunUsage(scope, { runId: work.run.id })
  const at = parts.clock.now()
  const end = createTurnEnd({ work, stopReason, usage, error, timeToFirstTokenNs: null, at })
  const result = await parts.store.endTurn(scope, { lease, end })
  publishCommit(turn, result)
  return { items: work.items, ended: true }
}

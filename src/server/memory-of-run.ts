import type { App } from '../app/app.ts'
import type { TenantScope } from '../domain/scope.ts'
import { encodeChange, encodeProposal } from '../wire/memory.ts'
import type { MemoryOfRun } from '../wire/run-frames.ts'

/** The most changes and proposals of one run that its event tells, the newest; all are in the history and in the review. */
const toldChanges = 50

/** What a run remembered, changed, forgot and proposed, oldest first. `not_found`. */
export async function readMemoryOfRun(
  { store, services: { memory } }: Pick<App, 'store' | 'services'>,
  scope: TenantScope,
  runId: string,
): Promise<MemoryOfRun> {
  const { agentId } = await store.getRun(scope, { id: runId })
  const [changes, proposed] = await Promise.all([
    memory.history(scope, agentId, { runId, limit: toldChanges }),
    memory.proposals(scope, agentId, { state: 'open', runId, limit: toldChanges }),
  ])
  return {
    changes: changes.toReversed().map(({ change, note }) => encodeChange(change, note)),
    proposed: proposed.toReversed().map(({ proposal, notes }) => encodeProposal(proposal, notes)),
  }
}

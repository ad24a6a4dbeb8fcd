import type { Run } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Clock } from '../../util/clock.ts'
import type { Store } from '../../storage/store.ts'

/**
 * Runs as they may be shown: one whose process is gone is not running. Until it is carried on it shows as `created` with
 * `metadata.interrupted`.
 */
export async function markInterrupted(
  parts: { readonly store: Store; readonly clock: Clock },
  scope: TenantScope,
  runs: readonly Run[],
): Promise<readonly Run[]> {
  const held = new Map<string, boolean>()
  const shown: Run[] = []
  for (const run of runs) {
    // What rests is not run by anybody, and nothing is wrong with that.
    if (run.status !== 'running' || run.metadata['waiting_for'] !== undefined) {
      shown.push(run)
      continue
    }
    const isHeld = held.get(run.conversationId) ?? (await isCarriedOn(parts, scope, run))
    held.set(run.conversationId, isHeld)
    shown.push(isHeld ? run : await asInterrupted(parts, scope, run))
  }
  return shown
}

async function isCarriedOn(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  scope: TenantScope,
  { conversationId }: Run,
): Promise<boolean> {
  const lease = await store.readLease(scope, { conversationId })
  if (lease === null) return false
  const state = await store.ownerState(lease.owner)
  return state === 'alive' || (state === 'unknown' && lease.until > clock.now())
}

/** Read once more: between reading the run and its lease it may have ended. */
async function asInterrupted(
  { store }: { readonly store: Store },
  scope: TenantScope,
  { id }: Run,
): Promise<Run> {
  const run = await store.getRun(scope, { id })
  if (run.status !== 'running') return run
  return { ...run, status: 'created', metadata: { ...run.metadata, interrupted: true } }
}

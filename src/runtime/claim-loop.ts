import { systemScope } from '../domain/scope.ts'
import type { OpenWork } from '../storage/contract/turn-store.ts'
import type { RunnerPool } from './runner-pool.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How many open turns are looked at in one round. */
const openWorkLimit = 1000

/**
 * Looks for open turns that nobody carries on and hands them to the pool, at once and then every `claimEveryMs`, until
 * the signal aborts. Only servers run this.
 */
export async function runClaimLoop(
  parts: RuntimeParts,
  pool: RunnerPool,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let pause = parts.settings.claimEveryMs
    try {
      await claimOnce(parts, pool)
      pause = await untilNextWake(parts)
    } catch (error) {
      parts.logger.error({ err: error }, 'Cannot look for open turns; trying again')
    }
    try {
      await parts.clock.sleep(pause, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

/** How long to sleep: no longer than until a resting turn goes on by itself. */
async function untilNextWake({ store, clock, settings }: RuntimeParts): Promise<number> {
  const now = clock.now()
  const wakeAt = await store.nextWakeAt(systemScope, { after: now })
  return wakeAt === null ? settings.claimEveryMs : Math.min(settings.claimEveryMs, wakeAt - now)
}

async function claimOnce(parts: RuntimeParts, pool: RunnerPool): Promise<void> {
  const open = await parts.store.listOpenWork(systemScope, {
    at: parts.clock.now(),
    limit: openWorkLimit,
  })
  const owners = new Map<string, boolean>()
  for (const work of open) {
    if (pool.has(work.conversationId)) continue
    if (await isHeldByOthers(parts, work, owners)) continue
    pool.wake(work.scope, work.conversationId)
  }
}

async function isHeldByOthers(
  parts: RuntimeParts,
  { lease }: OpenWork,
  owners: Map<string, boolean>,
): Promise<boolean> {
  if (lease === null || lease.until <= parts.clock.now()) return false
  if (lease.owner === parts.store.description.owner) return false
  const known = owners.get(lease.owner)
  if (known !== undefined) return known
  const held = (await parts.store.ownerState(lease.owner)) !== 'dead'
  owners.set(lease.owner, held)
  return held
}

import { systemScope } from '../domain/scope.ts'
import type { CommitNews } from '../storage/commit-news.ts'
import type { OpenWork } from '../storage/contract/turn-store.ts'
import { createLookout } from '../storage/lookout.ts'
import { sleepUnlessAborted } from '../util/clock.ts'
import type { RunnerPool } from './runner-pool.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How many open turns are looked at in one round. */
const openWorkLimit = 1000

/** How long whoever accepted an input has to begin with it before others look for it, in milliseconds. */
const headStartMs = 75

type ClaimLoopParts = Pick<RuntimeParts, 'store' | 'clock' | 'settings' | 'logger'>
type ClaimLoopPool = Pick<RunnerPool, 'room' | 'has' | 'offer' | 'forgetIdle'>

/**
 * Looks for open turns that nobody carries on and hands them to the pool: at once, then every `claimEveryMs`, and soon
 * after another process has left some while there is room for them, until the signal aborts. On the way the pool gives up what
 * it remembers of conversations at rest. Only servers run this.
 */
export async function runClaimLoop(
  parts: ClaimLoopParts,
  pool: ClaimLoopPool,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, settings, logger } = parts
  const matters = (news: CommitNews): boolean => news.work && pool.room > 0
  const lookout = createLookout({ store, clock, restMs: 0, signal, matters })
  try {
    while (!signal.aborted) {
      let pause = settings.claimEveryMs
      pool.forgetIdle()
      try {
        await claimOnce(parts, pool)
        if (!signal.aborted) pause = await untilNextWake(parts)
      } catch (error) {
        logger.error({ err: error }, 'Cannot look for open turns; trying again')
      }
      await lookout.wait(pause - headStartMs)
      await sleepUnlessAborted(clock, Math.min(pause, headStartMs), { signal })
    }
  } finally {
    lookout.close()
  }
}

/** How long to sleep: no longer than until a resting turn goes on by itself. */
async function untilNextWake({ store, clock, settings }: ClaimLoopParts): Promise<number> {
  const now = clock.now()
  const wakeAt = await store.nextWakeAt(systemScope, { after: now })
  return wakeAt === null ? settings.claimEveryMs : Math.min(settings.claimEveryMs, wakeAt - now)
}

async function claimOnce(parts: ClaimLoopParts, pool: ClaimLoopPool): Promise<void> {
  const open = await parts.store.listOpenWork(systemScope, {
    at: parts.clock.now(),
    limit: openWorkLimit,
  })
  const owners = new Map<string, boolean>()
  // Without room only the oldest is taken, so that none waits for ever: the others have a process that is as busy.
  let count = pool.room > 0 ? openWorkLimit : 1
  for (const work of open) {
    if (count === 0) break
    if (pool.has(work.conversationId)) continue
    if (await isHeldByOthers(parts, work, owners)) continue
    pool.offer(work.scope, work.conversationId)
    count -= 1
  }
}

async function isHeldByOthers(
  parts: ClaimLoopParts,
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

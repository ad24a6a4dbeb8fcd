import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import { toError } from '../errors/to-error.ts'
import type { LeaseProof } from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How long to wait before trying again for a conversation that another process runs, in milliseconds. */
const claimAgainMs = 25

/**
 * Takes the lease of a conversation: at once when it is free or its owner is dead, else as soon as it is given back.
 *
 * @returns null when `isNeeded` says no before the lease could be had: another process has done the work.
 */
export async function claimConversation(
  parts: RuntimeParts,
  scope: TenantScope,
  request: {
    readonly conversationId: string
    readonly signal: AbortSignal
    readonly isNeeded: () => Promise<boolean>
    /** Called once when another living process holds the lease. */
    readonly onWaiting: () => void
  },
): Promise<LeaseProof | null> {
  const { conversationId, signal } = request
  let deadOwner: string | undefined
  let waiting = false
  while (true) {
    signal.throwIfAborted()
    const lease = await tryClaim(parts, scope, { conversationId, deadOwner })
    if (lease !== null) return lease
    const holder = await parts.store.readLease(scope, { conversationId })
    if (holder !== null && (await parts.store.ownerState(holder.owner)) === 'dead') {
      deadOwner = holder.owner
      continue
    }
    deadOwner = undefined
    if (!waiting) request.onWaiting()
    waiting = true
    if (!(await request.isNeeded())) return null
    await parts.clock.sleep(claimAgainMs, { signal, keepAlive: true })
  }
}

function tryClaim(
  parts: RuntimeParts,
  scope: TenantScope,
  claim: { readonly conversationId: string; readonly deadOwner: string | undefined },
): Promise<LeaseProof | null> {
  const at = parts.clock.now()
  return parts.store.claimLease(scope, {
    conversationId: claim.conversationId,
    owner: parts.store.description.owner,
    at,
    until: at + parts.settings.leaseMs,
    ...(claim.deadOwner === undefined ? {} : { deadOwner: claim.deadOwner }),
  })
}

/**
 * Renews a lease until `stop` is called. When it is lost, `onLost` is called once and renewing ends: whoever writes
 * next is refused by the fence anyway.
 */
export function keepLease(
  parts: RuntimeParts,
  scope: TenantScope,
  request: { readonly lease: LeaseProof; readonly onLost: (error: Error) => void },
): { stop(): void } {
  const stopped = new AbortController()
  const { lease, onLost } = request
  async function renewForever(): Promise<void> {
    while (!stopped.signal.aborted) {
      await parts.clock.sleep(parts.settings.renewMs, { signal: stopped.signal })
      await parts.store.renewLease(scope, {
        lease,
        until: parts.clock.now() + parts.settings.leaseMs,
      })
    }
  }
  renewForever().catch((error: unknown) => {
    if (stopped.signal.aborted) return
    if (!isAppError(error, 'lease_lost')) {
      parts.logger.error(
        { err: error, conversationId: lease.conversationId },
        'Cannot renew the lease',
      )
    }
    onLost(toError(error, 'renew the lease'))
  })
  return { stop: () => stopped.abort() }
}

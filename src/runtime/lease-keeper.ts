import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import { toError } from '../errors/to-error.ts'
import type {
  KnownItems,
  LeaseProof,
  WorkClaim,
  WorkClaimRequest,
} from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/**
 * How long to wait before trying again for a conversation that another process runs, in milliseconds: little at first,
 * as most turns are short, then twice as long each time. The other process takes up what is queued when its turn ends,
 * so a long wait costs nothing unless it dies.
 */
const claimAgainMs = { first: 25, most: 400 } as const

/** A lease with the work it was taken for. */
export type ClaimedWork = Extract<WorkClaim, { readonly state: 'claimed' }>

/**
 * Takes the lease of a conversation for its next work: at once when it is free or its owner is dead, else as soon as it is
 * given back.
 *
 * @returns null when nothing is open (any more), or another process is to do it.
 */
export async function claimConversation(
  parts: RuntimeParts,
  scope: TenantScope,
  request: ClaimRequest,
): Promise<ClaimedWork | null> {
  const { conversationId, signal } = request
  let deadOwner: string | null = null
  let pause: number = claimAgainMs.first
  while (true) {
    signal.throwIfAborted()
    const claim = await tryClaim(parts, scope, { ...request, deadOwner })
    if (claim.state === 'claimed') return claim
    if (claim.state === 'idle') return null
    deadOwner = await findDeadOwner(parts, scope, conversationId)
    if (deadOwner !== null) continue
    const milliseconds = pause
    const isWanted = await request.whileHeld(() =>
      parts.clock.sleep(milliseconds, { signal, keepAlive: true }),
    )
    if (!isWanted) return null
    pause = Math.min(pause * 2, claimAgainMs.most)
  }
}

/** Whose work to claim. */
export interface ClaimRequest {
  readonly conversationId: string
  /** What this process remembers of the view. */
  readonly known: KnownItems | null
  readonly signal: AbortSignal
  /** Waits, each time another living process was found to hold the lease; false leaves the work to that one. */
  readonly whileHeld: (wait: () => Promise<void>) => Promise<boolean>
}

function tryClaim(
  parts: RuntimeParts,
  scope: TenantScope,
  { conversationId, known, deadOwner }: ClaimRequest & { readonly deadOwner: string | null },
): Promise<WorkClaim> {
  return parts.store.claimWork(scope, {
    conversationId,
    ...wishForWork(parts, known),
    ...(deadOwner === null ? {} : { deadOwner }),
  })
}

/** This process's wish for the lease of a conversation, from now on. */
export function wishForWork(parts: RuntimeParts, known: KnownItems | null): WorkWish {
  const at = parts.clock.now()
  return { owner: parts.store.description.owner, at, until: at + parts.settings.leaseMs, known }
}

/** A wish for the lease of a conversation that is named beside it. */
export type WorkWish = Omit<WorkClaimRequest, 'conversationId'>

/** The owner of a conversation's lease if its process is known to be dead, else null. */
export async function findDeadOwner(
  parts: RuntimeParts,
  scope: TenantScope,
  conversationId: string,
): Promise<string | null> {
  const holder = await parts.store.readLease(scope, { conversationId })
  if (holder === null) return null
  return (await parts.store.ownerState(holder.owner)) === 'dead' ? holder.owner : null
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
  return { stop: () => stopped.abort('the lease was given back') }
}

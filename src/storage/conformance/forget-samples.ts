import type { ForgetReceipt } from '../../domain/forget.ts'
import type { ForgetOwners, ForgetRemovals, ForgetWrite } from '../contract/forget-store.ts'
import { sampleJob } from './samples.ts'
import type { World } from './world.ts'

/** A receipt of a forgetting that is not cleaned yet. */
export function sampleReceipt(given: Partial<ForgetReceipt> = {}): ForgetReceipt {
  return {
    id: 'forget-1',
    agentId: null,
    origin: 'ids',
    state: 'removed',
    counts: { 'message remove': 1 },
    residue: null,
    cleaning: null,
    outside: ['backups'],
    requestedById: 'user-1',
    createdAt: 1,
    completedAt: null,
    ...given,
  }
}

/** Whose rows hang together with an agent. */
export function ownersOf(...agentIds: readonly string[]): ForgetOwners {
  return { agentIds, archiveIds: [], blockIds: [] }
}

/** Nothing to remove but what is given. */
export function removalsOf(given: Partial<ForgetRemovals> = {}): ForgetRemovals {
  return {
    messageIds: [],
    turnIds: [],
    eventsOf: [],
    passageIds: [],
    blockIds: [],
    conversationIds: [],
    agentIds: [],
    rows: [],
    ...given,
  }
}

/** A forgetting that does nothing but what is given. */
export function forgetWrite(
  world: World,
  given: Pick<ForgetWrite, 'owners' | 'mark'> & Partial<ForgetWrite>,
): ForgetWrite {
  const at = world.at()
  const { tenantId, userId } = world.scope
  return {
    removals: removalsOf(),
    edits: [],
    blocks: [],
    entries: [],
    unhashed: [],
    deadOwners: [],
    receipt: sampleReceipt({
      id: world.id('forget'),
      agentId: given.owners.agentIds[0] ?? null,
      requestedById: userId,
      createdAt: at,
    }),
    job: sampleJob({ id: world.id('job'), tenantId, kind: 'forget', createdAt: at, updatedAt: at }),
    at,
    ...given,
  }
}

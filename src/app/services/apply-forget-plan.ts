import type { ForgetOrigin, ForgetReceipt } from '../../domain/forget.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { endlessAttempts, newJob, type Job } from '../../domain/job.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import { forgetJobKind, outsideEverywhere } from '../../jobs/kinds/finish-forget.ts'
import type { AppParts } from '../app-parts.ts'
import { entriesOf } from './forget-entries.ts'
import type { MadePlan } from './make-forget-plan.ts'

/** What the parts of forgetting work with. */
export type ForgetParts = Pick<AppParts, 'store' | 'clock' | 'ids' | 'logger' | 'texts'>

/** How long after a forgetting the job looks whether it was completed, in milliseconds. */
const jobDelay = 15_000

/** Removes what a plan says in one transaction, with a receipt. Rejects as the store's `applyForget` does. */
export async function applyForgetPlan(
  parts: ForgetParts,
  scope: TenantScope,
  given: {
    readonly made: MadePlan
    readonly origin: ForgetOrigin
    /** Processes that are known to be dead; those that are found to be so are added. */
    readonly deadOwners: string[]
  },
): Promise<ForgetReceipt> {
  const { made, origin } = given
  const { owners, plan } = made
  const at = parts.clock.now()
  const id = newIdentifier(parts.ids, 'forget')
  const gone = new Set(plan.removals.agentIds)
  const receipt: ForgetReceipt = {
    id,
    agentId: owners.agentIds.find((agentId) => !gone.has(agentId)) ?? null,
    origin,
    state: 'removed',
    counts: plan.counts,
    residue: null,
    cleaning: null,
    outside: outsideEverywhere,
    requestedById: scope.userId,
    createdAt: at,
    completedAt: null,
  }
  const job = newJob({
    id: newIdentifier(parts.ids, 'job'),
    tenantId: scope.tenantId,
    lane: '',
    kind: forgetJobKind,
    payload: { forget_id: id },
    maxAttempts: endlessAttempts,
    runAt: at + jobDelay,
    at,
  })
  return await applyWrite(parts, scope, { ...given, receipt, job })
}

/** Removes what was written while a forgetting was under way; its receipt counts that, too. */
export async function applyFurtherPlan(
  parts: ForgetParts,
  scope: TenantScope,
  { made, receipt }: { readonly made: MadePlan; readonly receipt: ForgetReceipt },
): Promise<ForgetReceipt> {
  const counts = { ...receipt.counts }
  for (const [name, count] of Object.entries(made.plan.counts)) {
    counts[name] = (counts[name] ?? 0) + count
  }
  const further = { ...receipt, counts }
  return await applyWrite(parts, scope, { made, receipt: further, job: null, deadOwners: [] })
}

async function applyWrite(
  parts: ForgetParts,
  scope: TenantScope,
  given: {
    readonly made: MadePlan
    readonly receipt: ForgetReceipt
    readonly job: Job | null
    readonly deadOwners: string[]
  },
): Promise<ForgetReceipt> {
  const { made, deadOwners, ...stored } = given
  const { owners, mark, plan, besideTurns = false } = made
  const { removals, edits, blocks, unhashed } = plan
  const entries = await entriesOf(parts, scope, plan)
  for (;;) {
    const at = parts.clock.now()
    const change = { besideTurns, owners, mark, removals, edits, blocks, entries, unhashed }
    try {
      const receipt = await parts.store.applyForget(scope, { ...change, ...stored, deadOwners, at })
      parts.texts.drop(scope.tenantId)
      return receipt
    } catch (error) {
      const owner = await deadOwnerOf(parts, error)
      if (owner === null || deadOwners.includes(owner)) throw error
      deadOwners.push(owner)
    }
  }
}

/** The process whose lease was in the way, if it is known to have ended. */
async function deadOwnerOf(
  { store }: Pick<ForgetParts, 'store'>,
  error: unknown,
): Promise<string | null> {
  if (!isAppError(error, 'conflict') || error.data['reason'] !== 'running') return null
  const owner = error.data['owner']
  if (typeof owner !== 'string') return null
  return (await store.ownerState(owner)) === 'dead' ? owner : null
}

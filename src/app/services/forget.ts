import { createHash } from 'node:crypto'
import type { ForgetElsewhere, ForgetOrigin, ForgetReceipt } from '../../domain/forget.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import type { ForgetPlan } from '../../memory/forget/forget-plan.ts'
import { applyForgetPlan, type ForgetParts } from './apply-forget-plan.ts'
import { completeForget } from './complete-forget.ts'
import { findElsewhere, forCaller, withSharers } from './forget-elsewhere.ts'
import { resolveWish, type ForgetRequest } from './forget-targets.ts'
import { makeForgetPlan, planPassagesAlone, type MadePlan } from './make-forget-plan.ts'

/** What a forgetting would do, and the token that confirms exactly this. */
export interface ForgetPreview extends Pick<ForgetPlan, 'items' | 'counts'> {
  /** Names everything that would be removed or changed and how; another plan has another token. */
  readonly token: string
  /** What other agents hold and would be left with. */
  readonly elsewhere: ForgetElsewhere
}

/** Removing for good. */
export interface ForgetService {
  /**
   * Says what would go, and what would be left with agents that share a block or archive; changes nothing. `not_found` for
   * what does not exist, `conflict` for what belongs to a turn that is not over, `invalid_argument` for a request without
   * anything to look for.
   */
  preview(scope: TenantScope, request: ForgetRequest): Promise<ForgetPreview>
  /**
   * Forgets what a preview showed. `conflict` when that is not what would go now (`reason: 'changed'`) or a turn runs
   * (`reason: 'running'`); nothing was removed then. Resolves when everything is cleaned; where that takes longer, the
   * receipt is `removed` and a job completes it.
   */
  confirm(scope: TenantScope, request: ForgetRequest, token: string): Promise<ForgetReceipt>
  /**
   * Forgets passages whose time is over, without a preview; those that are gone already are passed over. What quotes them
   * stays: the same words may have been stored again since. Null when there was nothing to forget. `conflict` while a turn
   * runs, unless `besideTurns`: then the passages go all the same, and what names them in the prompts of their agents stays, too.
   */
  expire(
    scope: TenantScope,
    passageIds: readonly string[],
    options?: { readonly besideTurns: boolean },
  ): Promise<ForgetReceipt | null>
  /** Newest first. */
  list(
    scope: TenantScope,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly ForgetReceipt[]>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<ForgetReceipt>
}

/**
 * How often a plan is made when something was said meanwhile. The last one is applied all the same, as an agent that is never
 * quiet could not be made to forget otherwise: what came in since is looked for afterwards.
 */
const attempts = 5

/** Makes the service of forgetting. */
export function createForgetService(parts: ForgetParts): ForgetService {
  const { store } = parts
  return {
    async preview(scope, request) {
      const { plan, owners } = await makePlan(parts, scope, request)
      const { items, counts, matcher } = plan
      const sharers = await store.findForgetSharers(scope, owners)
      const elsewhere = await findElsewhere(parts, scope, { owners, sharers, matcher })
      return { token: tokenOf(plan), items, counts, elsewhere }
    },
    async confirm(scope, request, token) {
      const origin = request.query === null ? 'ids' : 'query'
      const plan = (): Promise<MadePlan> => makePlan(parts, scope, request)
      const receipt = await forget(parts, scope, { plan, origin, token })
      if (receipt === null) throw nothingToForget()
      return receipt
    },
    async expire(scope, passageIds, { besideTurns } = { besideTurns: false }) {
      const present = await store.getPassages(scope, { ids: passageIds })
      if (present.length === 0) return null
      const archiveIds = [...new Set(present.map(({ archiveId }) => archiveId))]
      const plan = async (): Promise<MadePlan> => {
        const named = { agentIds: [], archiveIds, blockIds: [] }
        const owners = await store.findForgetOwners(scope, named)
        if (besideTurns) {
          return planPassagesAlone(
            owners,
            present.map(({ id }) => id),
          )
        }
        const targets = present.map(({ id }) => ({ kind: 'passage', id }) as const)
        const wish = { targets, query: null, cutOnly: false, keepQuotes: true }
        return await makeForgetPlan(parts, scope, { wish, owners })
      }
      return await forget(parts, scope, { plan, origin: 'retention', token: null })
    },
    async list(scope, query) {
      const receipts = await store.listForgets(scope, query)
      return receipts.map((receipt) => forCaller(scope, receipt))
    },
    get: async (scope, id) => forCaller(scope, await store.getForget(scope, { id })),
  }
}

async function makePlan(
  parts: ForgetParts,
  scope: TenantScope,
  request: ForgetRequest,
): Promise<MadePlan> {
  const { wish, named } = await resolveWish(parts, scope, request)
  const own = await parts.store.findForgetOwners(scope, named)
  const owners = request.includeShared === true ? await withSharers(parts, scope, own) : own
  return await makeForgetPlan(parts, scope, { wish, owners })
}

async function forget(
  parts: ForgetParts,
  scope: TenantScope,
  given: {
    readonly plan: () => Promise<MadePlan>
    readonly origin: ForgetOrigin
    /** Null = whatever the plan says. */
    readonly token: string | null
  },
): Promise<ForgetReceipt | null> {
  const { plan, origin, token } = given
  const deadOwners: string[] = []
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan()
    const made = attempt < attempts ? planned : { ...planned, mark: null }
    if (token !== null && tokenOf(made.plan) !== token) throw previewOutdated()
    if (made.plan.items.length === 0) return null
    const sharers = await parts.store.findForgetSharers(scope, made.owners)
    try {
      const receipt = await applyForgetPlan(parts, scope, { made, origin, deadOwners })
      return await completeForget(parts, scope, { receipt, made, sharers })
    } catch (error) {
      if (!isAppError(error, 'conflict') || error.data['reason'] !== 'changed') throw error
      if (attempt >= attempts) throw error
    }
  }
}

/** Stands for everything a plan does. */
function tokenOf({ removals, edits, blocks, unhashed }: ForgetPlan): string {
  const plan = JSON.stringify([removals, edits, blocks, unhashed])
  return createHash('sha256').update(plan).digest('hex').slice(0, 32)
}

function previewOutdated(): AppError {
  return new AppError(
    'conflict',
    'Cannot forget this: what would go is not what the preview showed. Look at a new preview, then confirm that.',
    { data: { reason: 'changed' } },
  )
}

function nothingToForget(): AppError {
  return new AppError(
    'not_found',
    'Cannot forget this: nothing that is stored fits. Check the words or the ids.',
  )
}

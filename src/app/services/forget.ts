import { createHash } from 'node:crypto'
import type { ForgetOrigin, ForgetReceipt } from '../../domain/forget.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { endlessAttempts, newJob } from '../../domain/job.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import { writeDigest } from '../../compaction/write-digest.ts'
import { countTokens } from '../../llm/count-tokens.ts'
import { forgetJobKind, outsideEverywhere } from '../../jobs/kinds/finish-forget.ts'
import type { ForgetPlan, ForgetWish, TextSource } from '../../memory/forget/forget-plan.ts'
import type { SummarySources } from '../../memory/forget/derive-summaries.ts'
import { countRemains, planForget } from '../../memory/forget/plan-forget.ts'
import type { ForgetOwners, RowKey } from '../../storage/contract/forget-store.ts'
import { placeOf } from '../../storage/stored-texts.ts'
import type { AppParts } from '../app-parts.ts'
import { entriesOf } from './forget-entries.ts'
import { resolveWish, type ForgetRequest } from './forget-targets.ts'

/** What a forgetting would do, and the token that confirms exactly this. */
export interface ForgetPreview extends Pick<ForgetPlan, 'items' | 'counts'> {
  /** Names everything that would be removed or changed and how; another plan has another token. */
  readonly token: string
}

/** Removing for good. */
export interface ForgetService {
  /**
   * Says what would go, and changes nothing. `not_found` for what does not exist, `conflict` for what belongs to a turn
   * that is not over, `invalid_argument` for a request without anything to look for.
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
   * stays: the same words may have been stored again since. Null when there was nothing to forget.
   */
  expire(scope: TenantScope, passageIds: readonly string[]): Promise<ForgetReceipt | null>
  /** Newest first. */
  list(
    scope: TenantScope,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly ForgetReceipt[]>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<ForgetReceipt>
}

/** What the service works with. */
type Parts = Pick<AppParts, 'store' | 'clock' | 'ids' | 'logger'>

/** How many rows are read at a time. */
const pageSize = 500

/** How often a plan is made anew when something was said meanwhile. */
const attempts = 5

/** How many pieces of text files are searched for at most; the longest tell most. */
const searchedPieces = 200

/** How long a summary may become that is written anew, at least, in tokens. */
const shortestDigest = 200

/** How long after a forgetting the job looks whether it was completed, in milliseconds. */
const jobDelay = 15_000

/** Makes the service of forgetting. */
export function createForgetService(parts: Parts): ForgetService {
  const { store } = parts
  return {
    async preview(scope, request) {
      const { plan } = await makePlan(parts, scope, request)
      return { token: tokenOf(plan), items: plan.items, counts: plan.counts }
    },
    async confirm(scope, request, token) {
      const origin = request.query === null ? 'ids' : 'query'
      const receipt = await forget(parts, scope, { request, origin, token })
      if (receipt === null) throw nothingToForget()
      return receipt
    },
    async expire(scope, passageIds) {
      const present = await store.getPassages(scope, { ids: passageIds })
      if (present.length === 0) return null
      const ids = present.map(({ id }) => id)
      const request = { ids, query: null, cutOnly: false, keepQuotes: true, agentId: null }
      return await forget(parts, scope, { request, origin: 'retention', token: null })
    },
    list: (scope, query) => store.listForgets(scope, query),
    get: (scope, id) => store.getForget(scope, { id }),
  }
}

interface MadePlan {
  readonly owners: ForgetOwners
  readonly mark: string
  readonly plan: ForgetPlan
  readonly wish: ForgetWish
}

async function makePlan(
  parts: Parts,
  scope: TenantScope,
  request: ForgetRequest,
): Promise<MadePlan> {
  const { store } = parts
  const { wish, named } = await resolveWish(parts, scope, request)
  const owners = await store.findForgetOwners(scope, named)
  const mark = await store.readForgetMark(scope, owners)
  const plan = await planForget(readFrom(parts, scope, owners), wish, writeSummary)
  return { owners, mark, plan, wish }
}

async function forget(
  parts: Parts,
  scope: TenantScope,
  given: {
    readonly request: ForgetRequest
    readonly origin: ForgetOrigin
    /** Null = whatever the plan says. */
    readonly token: string | null
  },
): Promise<ForgetReceipt | null> {
  const { request, origin, token } = given
  const deadOwners: string[] = []
  for (let attempt = 1; ; attempt += 1) {
    const made = await makePlan(parts, scope, request)
    if (token !== null && tokenOf(made.plan) !== token) throw previewOutdated()
    if (made.plan.items.length === 0) return null
    try {
      const receipt = await applyPlan(parts, scope, { made, origin, deadOwners })
      return await complete(parts, scope, { receipt, made })
    } catch (error) {
      const owner = await deadOwnerOf(parts, error)
      if (owner !== null) deadOwners.push(owner)
      else if (!hasChanged(error) || attempt >= attempts) throw error
    }
  }
}

async function applyPlan(
  parts: Parts,
  scope: TenantScope,
  given: {
    readonly made: MadePlan
    readonly origin: ForgetOrigin
    readonly deadOwners: readonly string[]
  },
): Promise<ForgetReceipt> {
  const { made, origin, deadOwners } = given
  const { owners, mark, plan } = made
  const at = parts.clock.now()
  const id = newIdentifier(parts.ids, 'forget')
  const gone = new Set(plan.removals.agentIds)
  return await parts.store.applyForget(scope, {
    owners,
    mark,
    removals: plan.removals,
    edits: plan.edits,
    blocks: plan.blocks,
    entries: await entriesOf(parts, scope, plan),
    unhashed: plan.unhashed,
    deadOwners,
    receipt: {
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
    },
    job: newJob({
      id: newIdentifier(parts.ids, 'job'),
      tenantId: scope.tenantId,
      lane: '',
      kind: forgetJobKind,
      payload: { forget_id: id },
      maxAttempts: endlessAttempts,
      runAt: at + jobDelay,
      at,
    }),
    at,
  })
}

/** A summary without a model, not longer than the former one was, or than a short one. */
function writeSummary({ former, earlier, messages }: SummarySources): string {
  const limit = Math.max(shortestDigest, countTokens(former.text))
  return writeDigest({ earlier, messages, reason: 'something it stood for was forgotten', limit })
}

/** Looks through everything again, cleans the files and writes the receipt; what fails here is left to the job. */
async function complete(
  parts: Parts,
  scope: TenantScope,
  { receipt, made }: { readonly receipt: ForgetReceipt; readonly made: MadePlan },
): Promise<ForgetReceipt> {
  const { store, clock, logger } = parts
  const { matcher, removals } = made.plan
  const gone = new Set([...removals.agentIds, ...removals.blockIds])
  try {
    const named = {
      agentIds: made.owners.agentIds.filter((id) => !gone.has(id)),
      archiveIds: removals.agentIds.length > 0 ? [] : made.owners.archiveIds,
      blockIds: [],
    }
    const owners = await store.findForgetOwners(scope, named)
    const searches = matcher.pieces.length > 0
    const remains = searches ? await countRemains(readFrom(parts, scope, owners), matcher) : null
    const longest = matcher.pieces.toSorted((left, right) => right.length - left.length)
    const report = await store.purge({ texts: longest.slice(0, searchedPieces) })
    return await store.finishForget(scope, {
      id: receipt.id,
      residue:
        remains === null
          ? null
          : {
              rowsSearched: remains.searched,
              rowsFound: remains.found,
              filesSearched: report.filesSearched,
              filesFound: report.filesFound,
            },
      cleaning: report.cleaning,
      outside: [...outsideEverywhere, ...report.outside],
      at: clock.now(),
    })
  } catch (error) {
    logger.warn({ err: error, forgetId: receipt.id }, 'Cannot clean up yet; a job goes on with it')
    return receipt
  }
}

function readFrom(
  { store }: Pick<Parts, 'store'>,
  scope: TenantScope,
  owners: ForgetOwners,
): TextSource {
  return {
    async *rows(table) {
      let after: RowKey | undefined
      for (;;) {
        const place = after === undefined ? {} : { after }
        const rows = await store.listStoredTexts(scope, {
          owners,
          table,
          limit: pageSize,
          ...place,
        })
        yield* rows
        const last = rows.at(-1)
        if (last === undefined || rows.length < pageSize) return
        after = placeOf(table, last)
      }
    },
  }
}

/** Stands for everything a plan does. */
function tokenOf({ removals, edits, blocks, unhashed }: ForgetPlan): string {
  const plan = JSON.stringify([removals, edits, blocks, unhashed])
  return createHash('sha256').update(plan).digest('hex').slice(0, 32)
}

/** The process whose lease was in the way, if it is known to have ended. */
async function deadOwnerOf({ store }: Parts, error: unknown): Promise<string | null> {
  if (!isAppError(error, 'conflict') || error.data['reason'] !== 'running') return null
  const owner = error.data['owner']
  if (typeof owner !== 'string') return null
  return (await store.ownerState(owner)) === 'dead' ? owner : null
}

function hasChanged(error: unknown): boolean {
  return isAppError(error, 'conflict') && error.data['reason'] === 'changed'
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

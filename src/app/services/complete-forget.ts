import type { ForgetReceipt, ResidueReport } from '../../domain/forget.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import { outsideEverywhere } from '../../jobs/kinds/finish-forget.ts'
import type { Matcher } from '../../memory/forget/matcher.ts'
import { countRemains, type Remains } from '../../memory/forget/count-remains.ts'
import type { ForgetOwners, ForgetSharers } from '../../storage/contract/forget-store.ts'
import type { PurgeReport } from '../../storage/store.ts'
import { applyFurtherPlan, type ForgetParts } from './apply-forget-plan.ts'
import { findElsewhere } from './forget-elsewhere.ts'
import { makeForgetPlan, readTexts, type MadePlan } from './make-forget-plan.ts'

/** How many pieces of text files are searched for at most; the longest tell most. */
const searchedPieces = 200

/** How often what was written meanwhile is removed, too, before the receipt says that it is there. */
const mostPasses = 3

/** What a forgetting has removed, and what is looked for now. */
interface Removed {
  readonly receipt: ForgetReceipt
  readonly made: MadePlan
}

/**
 * Cleans the files, looks through everything again, removes what was written while the forgetting was under way, and writes
 * the receipt. What fails here is left to the job; the receipt is `removed` then.
 */
export async function completeForget(
  parts: ForgetParts,
  scope: TenantScope,
  { receipt, made, sharers }: Removed & { readonly sharers: ForgetSharers },
): Promise<ForgetReceipt> {
  const { store, clock, logger } = parts
  const { matcher } = made.plan
  let removed = receipt
  try {
    const owners = await findStillThere(parts, scope, made)
    const purge = (): Promise<PurgeReport> => store.purge({ texts: longestOf(matcher) })
    let report = await purge()
    let remains = await search(parts, scope, { owners, matcher })
    for (let pass = 0; pass < mostPasses && (remains?.found ?? 0) > 0; pass += 1) {
      const further = await removeFurther(parts, scope, {
        receipt: removed,
        made: { ...made, owners },
      })
      if (further === null) break
      removed = further
      report = await purge()
      remains = await search(parts, scope, { owners, matcher })
    }
    const { filesSearched, filesFound } = report
    const residue: ResidueReport | null = remains && {
      rowsSearched: remains.searched,
      rowsFound: remains.found,
      filesSearched,
      filesFound,
      elsewhere: await findElsewhere(parts, scope, { owners: made.owners, sharers, matcher }),
    }
    return await store.finishForget(scope, {
      id: receipt.id,
      residue,
      cleaning: report.cleaning,
      outside: [...outsideEverywhere, ...report.outside],
      at: clock.now(),
    })
  } catch (error) {
    logger.warn({ err: error, forgetId: receipt.id }, 'Cannot clean up yet; a job goes on with it')
    return removed
  }
}

/** The owners that were not forgotten themselves, and what their agents have by now. */
async function findStillThere(
  { store }: Pick<ForgetParts, 'store'>,
  scope: TenantScope,
  { owners, plan: { removals } }: MadePlan,
): Promise<ForgetOwners> {
  const gone = new Set([...removals.agentIds, ...removals.blockIds])
  const named = {
    agentIds: owners.agentIds.filter((id) => !gone.has(id)),
    archiveIds: removals.agentIds.length > 0 ? [] : owners.archiveIds,
    blockIds: [],
  }
  const found = await store.findForgetOwners(scope, named)
  const blockIds = owners.blockIds.filter((id) => !gone.has(id))
  return { ...found, blockIds: [...new Set([...found.blockIds, ...blockIds])] }
}

function longestOf({ pieces, spellings }: Matcher): readonly string[] {
  return [...pieces, ...spellings]
    .toSorted((left, right) => right.length - left.length)
    .slice(0, searchedPieces)
}

/** Null when there is nothing to look for. */
async function search(
  parts: ForgetParts,
  scope: TenantScope,
  { owners, matcher }: { readonly owners: ForgetOwners; readonly matcher: Matcher },
): Promise<Remains | null> {
  if (matcher.pieces.length === 0) return null
  return await countRemains(readTexts(parts, scope, owners), matcher)
}

/** Cuts the words out of what came in meanwhile. Null while that is part of a turn that is not over. */
async function removeFurther(
  parts: ForgetParts,
  scope: TenantScope,
  { receipt, made: { owners, plan } }: Removed,
): Promise<ForgetReceipt | null> {
  const pieces = plan.matcher.pieces
  const wish = { targets: [], query: null, cutOnly: true, keepQuotes: false, pieces }
  try {
    const made = await makeForgetPlan(parts, scope, { wish, owners })
    return await applyFurtherPlan(parts, scope, { made, receipt })
  } catch (error) {
    if (isAppError(error, 'conflict')) return null
    throw error
  }
}

import { writeDigest } from '../../compaction/write-digest.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { countTokens } from '../../llm/count-tokens.ts'
import type { SummarySources } from '../../memory/forget/derive-summaries.ts'
import type { ForgetPlan, ForgetWish, TextSource } from '../../memory/forget/forget-plan.ts'
import type { ForgetItem } from '../../domain/forget.ts'
import { createMatcher } from '../../memory/forget/matcher.ts'
import { countItems, itemOf } from '../../memory/forget/plan-items.ts'
import { planForget } from '../../memory/forget/plan-forget.ts'
import type { ForgetOwners, StoredTextRow } from '../../storage/contract/forget-store.ts'
import { placeOf } from '../../storage/stored-texts.ts'
import { readPages } from '../../util/read-pages.ts'
import type { AppParts } from '../app-parts.ts'

/** A plan, and what it was made from. */
export interface MadePlan {
  readonly owners: ForgetOwners
  /** What tells whether words came in since; null where that is not to be compared, as where quotations stay. */
  readonly mark: string | null
  readonly plan: ForgetPlan
  /** As in `ForgetWrite`. Default: false. */
  readonly besideTurns?: boolean
}

/** How many rows are read at a time. */
const pageSize = 500

/** How long a summary may become that is written anew, at least, in tokens. */
const shortestDigest = 200

/** Plans a forgetting in what these own. Throws as `planForget` does, and `not_found` for them. */
export async function makeForgetPlan(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { wish, owners }: { readonly wish: ForgetWish; readonly owners: ForgetOwners },
): Promise<MadePlan> {
  const mark = wish.keepQuotes ? null : await parts.store.readForgetMark(scope, owners)
  const plan = await planForget(readTexts(parts, scope, owners), wish, writeSummary)
  return { owners, mark, plan }
}

/** The plan that removes passages and leaves alone what running turns work with. It is made without reading anything. */
export function planPassagesAlone(owners: ForgetOwners, passageIds: readonly string[]): MadePlan {
  const items = passageIds.map((id): ForgetItem => ({
    ...itemOf('passages', [id]),
    reason: 'asked',
    effect: 'remove',
  }))
  const nothing = { messageIds: [], turnIds: [], eventsOf: [], blockIds: [], conversationIds: [] }
  return {
    owners,
    mark: null,
    besideTurns: true,
    plan: {
      removals: { ...nothing, passageIds, agentIds: [], rows: [] },
      edits: [],
      blocks: [],
      unhashed: [],
      rewritten: [],
      unindexed: [],
      items,
      counts: countItems(items),
      matcher: createMatcher([]),
    },
  }
}

/** Every row with words of some owners, page by page. */
export function readTexts(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  owners: ForgetOwners,
): TextSource {
  return {
    async *rows(table) {
      const pages = readPages<StoredTextRow>({
        limit: pageSize,
        read: async (last) => {
          const place = last === undefined ? {} : { after: placeOf(table, last) }
          return await store.listStoredTexts(scope, { owners, table, limit: pageSize, ...place })
        },
      })
      for await (const page of pages) yield* page
    },
  }
}

/** A summary without a model, not longer than the former one was, or than a short one. */
function writeSummary({ former, earlier, messages }: SummarySources): string {
  const limit = Math.max(shortestDigest, countTokens(former.text))
  return writeDigest({ earlier, messages, reason: 'something it stood for was forgotten', limit })
}

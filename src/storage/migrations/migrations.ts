import { admissionMigration } from './admission/admission.ts'
import { agentCountsMigration } from './agent-counts/agent-counts.ts'
import { approvalsMigration } from './approvals/approvals.ts'
import { blockDetailsMigration } from './block-details/block-details.ts'
import { changesMigration } from './changes/changes.ts'
import { consolidationMigration } from './consolidation/consolidation.ts'
import { factsMigration } from './facts/facts.ts'
import { forgetMigration } from './forget/forget.ts'
import { initialMigration } from './initial/initial.ts'
import { jobsMigration } from './jobs/jobs.ts'
import { knownFactsMigration } from './known-facts/known-facts.ts'
import { listenerShareMigration } from './listener-share/listener-share.ts'
import type { Migration } from './migration.ts'
import { retrievalMigration } from './retrieval/retrieval.ts'
import { searchGrowthMigration } from './search-growth/search-growth.ts'
import { searchLookupsMigration } from './search-lookups/search-lookups.ts'
import { searchPendingMigration } from './search-pending/search-pending.ts'
import { signalsMigration } from './signals/signals.ts'
import { summariesMigration } from './summaries/summaries.ts'
import { tokenFactorsMigration } from './token-factors/token-factors.ts'
import { tokenBudgetMigration } from './token-budget/token-budget.ts'
import { vectorsMigration } from './vectors/vectors.ts'
import { waitingMigration } from './waiting/waiting.ts'

/** Every migration by number. Append only: what has been released is never edited. */
export const migrations: readonly Migration[] = [
  initialMigration,
  vectorsMigration,
  waitingMigration,
  signalsMigration,
  jobsMigration,
  approvalsMigration,
  retrievalMigration,
  changesMigration,
  agentCountsMigration,
  summariesMigration,
  factsMigration,
  searchGrowthMigration,
  forgetMigration,
  knownFactsMigration,
  admissionMigration,
  consolidationMigration,
  tokenFactorsMigration,
  tokenBudgetMigration,
  blockDetailsMigration,
  listenerShareMigration,
  searchPendingMigration,
  searchLookupsMigration,
]

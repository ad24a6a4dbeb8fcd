import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Store } from '../store.ts'
import { acceptCases } from './accept-cases.ts'
import { acceptClaimCases } from './accept-claim-cases.ts'
import { accessCases } from './access-cases.ts'
import { agentCases } from './agent-cases.ts'
import { passageCommitCases } from './passage-commit-cases.ts'
import { upkeepCases } from './upkeep-cases.ts'
import { approvalCases } from './approval-cases.ts'
import { archiveCases } from './archive-cases.ts'
import { blockCases } from './block-cases.ts'
import { blockCommitCases } from './block-commit-cases.ts'
import { broughtVectorCases } from './brought-vector-cases.ts'
import { commitCases } from './commit-cases.ts'
import { compactionCases } from './compaction-cases.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { conversationCases } from './conversation-cases.ts'
import { factCases } from './fact-cases.ts'
import { forgetCases } from './forget-cases.ts'
import { forgetMarkCases } from './forget-mark-cases.ts'
import { jobCases } from './job-cases.ts'
import { memoryCases } from './memory-cases.ts'
import { runCases } from './run-cases.ts'
import { scheduleCases } from './schedule-cases.ts'
import { importCases } from './import-cases.ts'
import { searchCases } from './search-cases.ts'
import { textCases } from './text-cases.ts'
import { storeCases } from './store-cases.ts'
import { createTenantCases } from './tenant-cases.ts'
import { tokenFactorCases } from './token-factor-cases.ts'
import { vectorBacklogCases } from './vector-backlog-cases.ts'
import { vectorCases } from './vector-cases.ts'
import { waitingCases } from './waiting-cases.ts'
import { withoutVectorsCases } from './without-vectors-cases.ts'
import { workCases } from './work-cases.ts'
import { World } from './world.ts'

const groups: readonly (readonly [string, readonly ConformanceCase[]])[] = [
  ['agents', agentCases],
  ['upkeep', upkeepCases],
  ['blocks', blockCases],
  ['conversations and messages', conversationCases],
  ['inputs and leases', acceptCases],
  ['inputs that are begun at once', acceptClaimCases],
  ['work', workCases],
  ['waiting', waitingCases],
  ['commits', [...commitCases, ...blockCommitCases]],
  ['passages of turns', passageCommitCases],
  ['compactions', compactionCases],
  ['approvals', approvalCases],
  ['runs', runCases],
  ['archives and passages', archiveCases],
  ['imports', importCases],
  ['the history of memory', memoryCases],
  ['facts', factCases],
  ['forgetting', forgetCases],
  ['what a forgetting must not miss', forgetMarkCases],
  ['search', searchCases],
  ['texts', textCases],
  [
    'vectors',
    [...vectorCases, ...broughtVectorCases, ...vectorBacklogCases].map((each) => ({
      ...each,
      needsVectors: true,
    })),
  ],
  ['jobs', jobCases],
  ['schedules and callbacks', scheduleCases],
  ['how models count', tokenFactorCases],
  ['keys', accessCases],
  ['the store as a whole', storeCases],
  ['tenants', createTenantCases()],
]

/** Enough for the largest scope of vectors on a machine that does much else. */
const caseTimeoutMs = 30_000

/** What a database without vectors does instead. */
const refusals = ['vectors that cannot be kept', withoutVectorsCases] as const

/** A store to be tried, with what has to be done after it was closed. */
export interface OpenedStore {
  readonly store: Store
  cleanUp?(): Promise<void>
}

/** What is tried of a store. */
export interface DescribeOptions {
  /** Whether the database can keep vectors: else their cases are skipped, and the refusals tried. Default: true. */
  readonly vectors?: boolean
  /** The groups to try. Default: all. */
  readonly groups?: readonly string[]
  /** Groups that are left out. Default: none. */
  readonly without?: readonly string[]
}

/** Tries everything that the contract says on one store that `open` opens; each case has a tenant of its own. */
export function describeStore(
  name: string,
  open: () => Promise<OpenedStore>,
  options: DescribeOptions = {},
): void {
  const { vectors = true, groups: chosen, without } = options
  const tried = vectors ? groups : [...groups, refusals]
  describe(`${name}`, () => {
    const opened: OpenedStore[] = []
    beforeAll(async () => {
      opened.push(await open())
    })
    afterAll(async () => {
      for (const { store, cleanUp } of opened) {
        await store.close()
        await cleanUp?.()
      }
    })
    for (const [group, cases] of tried) {
      if (chosen?.includes(group) === false || without?.includes(group) === true) continue
      describe(`${group}`, () => {
        for (const each of cases) {
          it.runIf(vectors || each.needsVectors !== true)(
            `${each.name}`,
            async () => {
              await assertCase(each, opened[0])
            },
            caseTimeoutMs,
          )
        }
      })
    }
  })
}

async function assertCase(each: ConformanceCase, opened: OpenedStore | undefined): Promise<void> {
  if (opened === undefined) throw new Error('The store was not opened')
  await each.run(new World(opened.store))
}

import type { Run } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { RunFilter } from '../../storage/contract/run-store.ts'
import type { Page } from '../../storage/contract/page.ts'
import type { AppParts } from '../app-parts.ts'
import { markInterrupted } from './mark-interrupted.ts'

/** How a client names the run whose stream it wants. */
export interface RunReference {
  readonly conversationId: string
  readonly runId: string | null
  readonly otid: string | null
}

/** Finding and stopping runs; they are begun and carried on by the runtime. */
export interface RunService {
  /** A run as it may be shown, see {@link markInterrupted}. `not_found` when there is none. */
  get(scope: TenantScope, id: string): Promise<Run>
  /** Runs as they may be shown. */
  list(
    scope: TenantScope,
    query: { readonly filter: RunFilter; readonly page: Page },
  ): Promise<readonly Run[]>
  /** The run that a client means: by its id, by the otid of its message, else the newest that is active. */
  resolve(scope: TenantScope, reference: RunReference): Promise<Run>
  /**
   * Asks runs to stop: the named ones, else all of the place that are active or wait for an approval. By run: whether it was stopped.
   * `conflict` when nothing is named and nothing is active.
   */
  cancel(
    scope: TenantScope,
    place: CancelPlace,
    runIds: readonly string[] | null,
  ): Promise<Readonly<Record<string, 'cancelled' | 'failed'>>>
}

/** Whose runs are meant. */
export type CancelPlace =
  | { readonly kind: 'agent'; readonly agentId: string }
  | { readonly kind: 'conversation'; readonly conversationId: string; readonly shownId: string }

/** The most active runs that one request stops. */
const maxActive = 100

const activeStatuses = ['created', 'running'] as const

/** Makes the service of runs. */
export function createRunService(parts: AppParts): RunService {
  const { store, runtime } = parts

  async function listActive(
    scope: TenantScope,
    filter: RunFilter,
    limit: number,
  ): Promise<readonly Run[]> {
    return await store.listRuns(scope, {
      filter: { ...filter, statuses: activeStatuses },
      page: { limit, order: 'desc' },
    })
  }

  /** The active runs of a place, and those whose turns wait for an answer. */
  async function listCancellable(
    scope: TenantScope,
    place: CancelPlace,
  ): Promise<readonly string[]> {
    const pendingOf =
      place.kind === 'agent'
        ? { agentId: place.agentId }
        : { conversationIds: [place.conversationId] }
    const [active, pending] = await Promise.all([
      listActive(scope, toFilter(place), maxActive),
      store.listPendingApprovals(scope, { ...pendingOf, limit: maxActive }),
    ])
    return [...active.map(({ id }) => id), ...pending.map(({ runId }) => runId)]
  }

  return {
    async get(scope, id) {
      const run = await store.getRun(scope, { id })
      const [shown] = await markInterrupted(parts, scope, [run])
      return shown ?? run
    },
    list: async (scope, query) =>
      await markInterrupted(parts, scope, await store.listRuns(scope, query)),
    async resolve(scope, { conversationId, runId, otid }) {
      if (runId !== null) return await store.getRun(scope, { id: runId })
      if (otid !== null) {
        const run = await store.findRunByOtid(scope, { conversationId, otid })
        if (run !== null) return run
        throw new AppError('not_found', `Run not found with otid=${otid}`)
      }
      const [run] = await listActive(scope, { conversationId }, 1)
      if (run !== undefined) return run
      throw new AppError(
        'invalid_argument',
        'INVALID_ARGUMENT: No active runs found for this conversation.',
      )
    },
    async cancel(scope, place, runIds) {
      const ids = runIds ?? (await listCancellable(scope, place))
      if (runIds === null && ids.length === 0) throw nothingToCancel(place)
      const runs = await Promise.all(
        ids.map(async (id) => await cancelIn(place, await store.getRun(scope, { id }))),
      )
      return Object.fromEntries(runs)

      async function cancelIn(
        within: CancelPlace,
        run: Run,
      ): Promise<readonly [string, 'cancelled' | 'failed']> {
        if (!belongs(run, within))
          throw new AppError('not_found', `Run not found with id=${run.id}`)
        const { status, turnId } = await runtime.cancel(scope, { runId: run.id })
        if (status !== 'completed' && status !== 'failed') return [run.id, 'cancelled']
        // The turn of a run that ended with a request for approval may have been open.
        const { stopReason } = await store.getTurn(scope, { id: turnId })
        return [run.id, stopReason === 'cancelled' ? 'cancelled' : 'failed']
      }
    },
  }
}

function toFilter(place: CancelPlace): RunFilter {
  return place.kind === 'agent'
    ? { agentIds: [place.agentId] }
    : { conversationId: place.conversationId }
}

function belongs(run: Run, place: CancelPlace): boolean {
  return place.kind === 'agent'
    ? run.agentId === place.agentId
    : run.conversationId === place.conversationId
}

function nothingToCancel(place: CancelPlace): AppError {
  const subject =
    place.kind === 'agent' ? `agent ${place.agentId}` : `conversation ${place.shownId}`
  return new AppError('conflict', `CONFLICT: No active runs to cancel for ${subject}`)
}

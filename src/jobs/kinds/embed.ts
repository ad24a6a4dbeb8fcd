import type { Job } from '../../domain/job.ts'
import { systemScope, type TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import type { Embedder, EmbedderSource } from '../../llm/embedder.ts'
import type { NewVector, TextWithoutVector } from '../../storage/contract/vector-store.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import { JobGivenUp, type JobKind, type JobOutcome } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'
import { embedEach } from './embed-each.ts'
import { type EmbedFailure, type EmbedTally, isFinal, toFailure, toOutcome } from './embed-tally.ts'
import { whyUnserved } from './why-unserved.ts'
import { readWords } from './read-words.ts'
import { wakeTenantJob } from '../tenant-job.ts'

/** The kind of the jobs that make the vectors of texts. */
export const embedJobKind = 'embed'

/** How many texts are sent to an endpoint at once. */
const batch = 64

/** How many refused texts a process keeps in mind; when there are more, all are tried again. */
const mostRefused = 10_000

/** What it takes to store the job. */
type EmbedJobParts = Pick<EmbedKindParts, 'store' | 'clock'>

/** What {@link createEmbedKind} needs. */
export interface EmbedKindParts {
  readonly store: Store
  readonly clock: Clock
  readonly embedders: EmbedderSource
}

/**
 * Makes the vectors of all texts whose agent or archive names an embedding model and that have none: of new texts, of
 * those stored before a model was named, and of all of them after a rebuild. What is to be done is read from the texts
 * themselves, so nothing that was stored can be missed.
 *
 * A model that no endpoint serves is told in the job's result and passed over, and so is one that fails: it is tried again
 * later and later, within a minute, or as its endpoint asks; within ten where an attempt is dear. Vectors of another dimension than those
 * stored are such a failure, until somebody rebuilds them; where nothing else is to be embedded the job is given up. Neither keeps the texts of other models waiting, nor does a text that an endpoint
 * refuses however short it is cut: that one is tried again by the next process, or when it has changed. The job never ends, so that
 * whoever names a model needs to see to it only that there is one.
 */
export function createEmbedKind(parts: EmbedKindParts): JobKind {
  const memory: EmbedMemory = { refused: new Set(), failing: new Map() }
  return {
    name: embedJobKind,
    prepare: () => wakeEmbedJobs(parts),
    async run(job, signal) {
      try {
        return await embedAll({ ...parts, ...memory }, job, signal)
      } catch (error) {
        // Nobody tries it again but those who changed something.
        if (error instanceof JobGivenUp) memory.failing.delete(job.tenantId)
        throw error
      }
    },
  }
}

/** Has the job of every tenant done now whose agents or archives name a model: this process may have an endpoint that others lacked. */
async function wakeEmbedJobs(parts: EmbedJobParts): Promise<void> {
  const { store } = parts
  for (const tenantId of await store.listTenants(systemScope)) {
    const { owners } = await store.findWithoutVectors(jobScope({ tenantId }), { limit: 1 })
    if (owners > 0) await wakeEmbedJob(parts, tenantId)
  }
}

/** Has a tenant's job done now, which is to be called when a model is named; also one that was given up. */
export async function wakeEmbedJob(
  { store, clock }: EmbedJobParts,
  tenantId: string,
): Promise<void> {
  await wakeTenantJob(store, { kind: embedJobKind, tenantId, at: clock.now() })
}

/** What a process keeps in mind between two runs; the next one begins without. */
interface EmbedMemory {
  /** The texts that an endpoint refused, by {@link keyOf}. */
  readonly refused: Set<string>
  /** The models that fail, by tenant. */
  readonly failing: Map<string, Map<string, EmbedFailure>>
}

async function embedAll(
  parts: EmbedKindParts & EmbedMemory,
  job: Job,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { store, clock, embedders, refused } = parts
  const scope = jobScope(job)
  const failing = parts.failing.get(job.tenantId) ?? new Map<string, EmbedFailure>()
  parts.failing.set(job.tenantId, failing)
  await forgetRebuilt(store, scope, failing)
  const waiting = [...failing].filter(([, { retryAt }]) => retryAt > clock.now())
  const tally: EmbedTally = { stored: 0, skipped: new Map(), failed: new Map(waiting) }
  const { skipped, failed } = tally
  for (;;) {
    signal.throwIfAborted()
    const except = [...skipped.keys(), ...failed.keys()]
    const limit = batch + refused.size
    const {
      owners,
      models,
      items: found,
    } = await store.findWithoutVectors(scope, { limit, except })
    forgetUnnamed(models, failing, failed)
    const items = found.filter((item) => !refused.has(keyOf(item)))
    const unusable = models.filter((model) => !isUsable(embedders, model, skipped))
    if (unusable.some((model) => !except.includes(model))) continue
    const [first] = items
    if (first !== undefined) {
      const { model } = first
      const wanted = items.filter((item) => item.model === model).slice(0, batch)
      const work = { store, scope, embedder: embedders.resolve(model), refused, signal }
      const made = await embedOrFail(work, wanted)
      if (made instanceof Error) {
        const failure = toFailure(made, (failing.get(model)?.count ?? 0) + 1, clock.now())
        failed.set(model, failure)
        failing.set(model, failure)
        continue
      }
      if (made > 0) failing.delete(model)
      tally.stored += made
      if (made > 0 || refused.has(keyOf(first))) continue
    }
    const passed = found.length - items.length
    return toOutcome(tally, { owners, models, refused: passed, now: clock.now() })
  }
}

/** A model whose vectors were removed meanwhile may make them with other dimensions. */
async function forgetRebuilt(
  store: Pick<Store, 'listVectorProgress'>,
  scope: TenantScope,
  failing: Map<string, EmbedFailure>,
): Promise<void> {
  const isGivenUp = (model: string): boolean => {
    const failure = failing.get(model)
    return failure !== undefined && isFinal(failure.error)
  }
  if (!failing.keys().some(isGivenUp)) return
  for (const { model, vectors } of await store.listVectorProgress(scope)) {
    if (vectors === 0 && isGivenUp(model)) failing.delete(model)
  }
}

/** What nobody names any more is neither counted nor kept in mind. */
function forgetUnnamed(
  models: readonly string[],
  ...maps: readonly Map<string, EmbedFailure>[]
): void {
  for (const map of maps) {
    for (const model of map.keys()) if (!models.includes(model)) map.delete(model)
  }
}

/** Names a text as it is for a model. */
function keyOf({ kind, id, model, foundBy }: TextWithoutVector): string {
  return `${kind} ${id} ${model} ${foundBy}`
}

/** Whether an endpoint serves a model; else why not is written down. */
function isUsable(embedders: EmbedderSource, model: string, skipped: Map<string, string>): boolean {
  if (skipped.has(model)) return false
  const reason = whyUnserved(embedders, model)
  if (reason !== null) skipped.set(model, reason.message)
  return reason === null
}

/** Makes some vectors of one model, and returns how many or what went wrong: one that fails keeps no other one waiting. */
async function embedOrFail(
  work: Work,
  wanted: readonly TextWithoutVector[],
): Promise<number | Error> {
  try {
    return await embedSome(work, wanted)
  } catch (error) {
    if (work.signal.aborted || !(error instanceof Error)) throw error
    return error
  }
}

interface Work {
  readonly store: Store
  readonly scope: TenantScope
  readonly embedder: Embedder
  readonly refused: EmbedMemory['refused']
  readonly signal: AbortSignal
}

async function embedSome(
  { store, scope, embedder, refused, signal }: Work,
  wanted: readonly TextWithoutVector[],
): Promise<number> {
  const { vectors: support } = store.description
  if (!support.isAvailable) {
    // What an endpoint makes may cost something.
    throw new AppError('vectors_unavailable', `Cannot use vectors: ${support.remedy}`)
  }
  const texts = await readWords(store, scope, wanted)
  const items = wanted.filter(({ id }) => texts.has(id))
  if (items.length === 0) return 0
  const vectors = await embedEach(
    embedder,
    items.map(({ id }) => texts.get(id) ?? ''),
    signal,
  )
  if (refused.size + items.length > mostRefused) refused.clear()
  const given = items.flatMap((item, index): readonly NewVector[] => {
    const vector = vectors[index] ?? null
    if (vector === null) refused.add(keyOf(item))
    return vector === null ? [] : [{ ...item, vector }]
  })
  if (given.length === 0) return 0
  try {
    return (await store.putVectors(scope, { items: given })).length
  } catch (error) {
    if (!isAppError(error, 'embedding_dimension_mismatch')) throw error
    throw new JobGivenUp(
      `${error.message} To use what ${embedder.handle} makes now, remove its vectors: POST /v1/embeddings/rebuild.`,
    )
  }
}

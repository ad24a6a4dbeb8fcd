import type { App } from '../../app/app.ts'
import { systemScope } from '../../domain/scope.ts'
import { errorMessage } from '../../errors/app-error.ts'
import type { JobCounts } from '../../storage/contract/job-store.ts'
import type { VectorSupport } from '../../storage/store.ts'
import { encodeTime } from '../../wire/time.ts'
import type { JsonObject } from '../../util/json.ts'
import type { Api, ApiContext } from '../api.ts'
import { secretOf } from '../middleware/authenticate.ts'

/**
 * Whether the process lives, the server is well, and requests can be served; no key is needed.
 *
 * Three questions, because they have different remedies: a process that does not answer is started again, a server that
 * is not ready gets no requests, and one that is not well needs somebody to look.
 */
export function addHealthRoutes(api: Api, app: App): void {
  api.get('/live', (context) => context.json({ version: app.settings.version, status: 'ok' }))
  api.get('/health', async (context) => {
    const health = await readHealth(app, context)
    return context.json(health, health.status === 'ok' ? 200 : 503)
  })
  api.get('/ready', answerReadiness(app))
}

/**
 * How the server is; `failing` with the reason when the background jobs do not get on or nothing can be stored. A database that does not answer in time is
 * named, and is no reason to start the process again.
 */
async function readHealth(app: App, context: ApiContext): Promise<JsonObject> {
  const { engine, databaseId, location, vectors } = app.store.description
  const [isKnown, jobs] = await Promise.all([isCallerKnown(app, context), readJobs(app)])
  const problem = app.refusals.newest()?.message ?? jobs?.problem ?? null
  return {
    version: app.settings.version,
    status: problem === null ? 'ok' : 'failing',
    instance_id: app.settings.instanceId,
    database_id: databaseId,
    engine,
    database: jobs === null ? 'unavailable' : 'ok',
    ...(isKnown && {
      location,
      vectors: encodeVectors(vectors),
      ...(jobs !== null && { jobs: encodeCounts(jobs) }),
    }),
    ...(problem !== null && { detail: problem }),
  }
}

function encodeVectors(vectors: VectorSupport): JsonObject {
  return vectors.isAvailable
    ? { available: true, by: vectors.by }
    : { available: false, detail: vectors.remedy }
}

function encodeCounts({ due, upcoming, running, dead, oldestDueAt }: JobCounts): JsonObject {
  return { due, upcoming, running, dead, oldest_due_at: encodeTime(oldestDueAt) }
}

/** How long the database is asked before health is answered without it, in milliseconds: the process lives even so. */
const healthWithinMs = 500

/** How the background jobs do; null while the database cannot say, which `/ready` reports. */
async function readJobs(app: App): Promise<Awaited<ReturnType<App['jobs']['health']>> | null> {
  const answer = app.jobs.health().then(
    (health) => health,
    () => null,
  )
  return await within(app, { milliseconds: healthWithinMs, answer, late: null })
}

/** Whether the caller may know where the data is. Nobody may while the database cannot say. */
async function isCallerKnown(app: App, context: ApiContext): Promise<boolean> {
  const found = app.services.keys.authenticate(secretOf(context), app.settings).then(
    (scope) => scope !== null,
    () => false,
  )
  return await within(app, { milliseconds: healthWithinMs, answer: found, late: false })
}

/** What is answered in time, else `late`. */
async function within<Answer>(
  app: App,
  race: {
    readonly milliseconds: number
    readonly answer: Promise<Answer>
    readonly late: Answer
  },
): Promise<Answer> {
  const answered = new AbortController()
  const late = app.clock.sleep(race.milliseconds, { signal: answered.signal }).then(() => race.late)
  // Ended by the abort below when the answer was faster.
  late.catch(() => undefined)
  try {
    return await Promise.race([race.answer, late])
  } finally {
    answered.abort(new Error('The database has answered.'))
  }
}

/** How long the database may take to answer before the server counts as not ready, in milliseconds. */
const readyWithinMs = 2000

/**
 * Whether requests can be served: 503 with the reason when the database does not answer in time or stores nothing. Jobs that do not get on
 * are told of, but keep no request away: they would be as stuck behind every other server.
 */
export function answerReadiness(app: App): (context: ApiContext) => Promise<Response> {
  return async (context) => {
    const { engine } = app.store.description
    const problem = (await findProblem(app)) ?? app.refusals.newest()?.message ?? null
    if (problem === null) return context.json(await readHealth(app, context))
    return context.json({ status: 'unavailable', engine, detail: problem }, 503)
  }
}

async function findProblem(app: App): Promise<string | null> {
  const answer = app.store.countActiveKeys(systemScope).then(
    () => null,
    (error: unknown) => errorMessage(error),
  )
  const late = `Cannot reach the database: no answer within ${readyWithinMs} ms. Check the database server.`
  return await within<string | null>(app, { milliseconds: readyWithinMs, answer, late })
}

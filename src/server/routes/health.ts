import type { App } from '../../app/app.ts'
import { systemScope } from '../../domain/scope.ts'
import { errorMessage } from '../../errors/app-error.ts'
import type { JobCounts } from '../../storage/contract/job-store.ts'
import { encodeTime } from '../../wire/time.ts'
import type { Api, ApiContext } from '../api.ts'
import { secretOf } from '../middleware/authenticate.ts'

/** Whether the server lives, and which one it is; no key is needed. */
export function addHealthRoutes(api: Api, app: App): void {
  api.get('/health', (context) => answerHealth(app, context))
  api.get('/ready', answerReadiness(app))
}

/** 503 with the reason when the background jobs do not get on. */
async function answerHealth(app: App, context: ApiContext): Promise<Response> {
  const { engine, databaseId, location } = app.store.description
  const [isKnown, jobs] = await Promise.all([isCallerKnown(app, context), readJobs(app)])
  const problem = jobs?.problem ?? null
  const health = {
    version: app.settings.version,
    status: problem === null ? 'ok' : 'failing',
    instance_id: app.settings.instanceId,
    database_id: databaseId,
    engine,
    ...(isKnown && { location, ...(jobs !== null && { jobs: encodeCounts(jobs) }) }),
    ...(problem !== null && { detail: problem }),
  }
  return context.json(health, problem === null ? 200 : 503)
}

function encodeCounts({ due, upcoming, running, dead, oldestDueAt }: JobCounts): object {
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

/** Whether requests can be served: as health while the database answers in time, else 503 with the reason. */
export function answerReadiness(app: App): (context: ApiContext) => Promise<Response> {
  return async (context) => {
    const { engine } = app.store.description
    const problem = await findProblem(app)
    if (problem === null) return await answerHealth(app, context)
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

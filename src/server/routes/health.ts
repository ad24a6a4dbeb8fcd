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
  const [scope, { problem, ...counts }] = await Promise.all([
    app.services.keys.authenticate(secretOf(context), app.settings),
    app.jobs.health(),
  ])
  const health = {
    version: app.settings.version,
    status: problem === null ? 'ok' : 'failing',
    instance_id: app.settings.instanceId,
    database_id: databaseId,
    engine,
    ...(scope !== null && { location, jobs: encodeCounts(counts) }),
    ...(problem !== null && { detail: problem }),
  }
  return context.json(health, problem === null ? 200 : 503)
}

function encodeCounts({ due, upcoming, running, dead, oldestDueAt }: JobCounts): object {
  return { due, upcoming, running, dead, oldest_due_at: encodeTime(oldestDueAt) }
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
  const answered = new AbortController()
  const late = app.clock
    .sleep(readyWithinMs, { signal: answered.signal })
    .then(
      () =>
        `Cannot reach the database: no answer within ${readyWithinMs} ms. Check the database server.`,
    )
  // Ended by the abort below when the database was faster.
  late.catch(() => undefined)
  const asked = app.store.countActiveKeys(systemScope).then(
    () => null,
    (error: unknown) => errorMessage(error),
  )
  try {
    return await Promise.race([asked, late])
  } finally {
    answered.abort(new Error('The database has answered.'))
  }
}

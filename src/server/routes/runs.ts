import { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { RunStatus } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { RunFilter } from '../../storage/contract/run-store.ts'
import { encodeMessages } from '../../wire/message.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, pageShape, toPage } from '../../wire/query.ts'
import {
  encodeRun,
  encodeRunUsage,
  encodeStep,
  retrieveStreamSchema,
  runListQuery,
  streamQuery,
  runStatuses,
} from '../../wire/run.ts'
import type { Api, ApiContext } from '../api.ts'
import { readOptionalBody } from '../request-body.ts'
import { resumeStream } from '../resume-stream.ts'
import { pathId, queryOf, runIdOf } from './path.ts'

const messagesQuery = z.lazy(() => z.object(pageShape({ limit: 100, order: 'asc' })))
const runStepsQuery = z.lazy(() => z.object(pageShape({ limit: 100 })))
const stepsQuery = z.lazy(() =>
  z.object({ ...pageShape({ limit: 50 }), agent_id: z.string().optional() }),
)

/** Runs and their steps, and the streams of runs. */
export function addRunRoutes(api: Api, app: App): void {
  addRunReading(api, app)
  addStepRoutes(api, app)

  api.post('/runs/:run_id/stream', async (context) => {
    const { bodyLimitBytes } = app.settings
    const reference = await readOptionalBody(context, retrieveStreamSchema, bodyLimitBytes)
    const run = await app.store.getRun(context.get('scope'), { id: runIdOf(context) })
    return await resumeStream(app, context, {
      run,
      startingAfter: reference.starting_after,
      pings: reference.include_pings ?? true,
      withIds: false,
    })
  })

  // For browsers: an `EventSource` can only read, and goes on by itself with the number it saw last.
  api.get('/runs/:run_id/stream', async (context) => {
    const query = decodeQuery(streamQuery, queryOf(context))
    const run = await app.store.getRun(context.get('scope'), { id: runIdOf(context) })
    const hasSeen = context.req.header('last-event-id') !== undefined
    return await resumeStream(app, context, {
      run,
      startingAfter: hasSeen ? undefined : query.starting_after,
      pings: query.include_pings ?? true,
      withIds: true,
    })
  })

  api.post('/runs/:run_id/retry', async (context) => {
    const { run } = await app.runtime.retry(context.get('scope'), { runId: runIdOf(context) })
    return context.json(encodeRun(run), 200, { 'x-letta-run-id': run.id })
  })
}

function addRunReading(api: Api, app: App): void {
  const { store } = app

  api.get('/runs', async (context) => {
    const query = decodeQuery(runListQuery, queryOf(context))
    return await answerWithRuns(app, context, query)
  })

  api.get('/runs/active', async (context) => {
    const query = decodeQuery(runListQuery, queryOf(context))
    return await answerWithRuns(app, context, { ...query, active: true })
  })

  api.get('/runs/:run_id', async (context) =>
    context.json(encodeRun(await app.services.runs.get(context.get('scope'), runIdOf(context)))),
  )

  api.get('/runs/:run_id/messages', async (context) => {
    const query = decodeQuery(messagesQuery, queryOf(context))
    const scope = context.get('scope')
    const run = await store.getRun(scope, { id: runIdOf(context) })
    const found = await app.services.messages.list(scope, { runId: run.id, ...toPage(query) })
    const { include_return_message_types: types } = run.requestConfig
    const wanted = Array.isArray(types) ? types.filter((type) => typeof type === 'string') : null
    return context.json(encodeMessages(found, wanted))
  })

  api.get('/runs/:run_id/usage', async (context) => {
    const scope = context.get('scope')
    const run = await store.getRun(scope, { id: runIdOf(context) })
    return context.json(encodeRunUsage(await store.getRunUsage(scope, { runId: run.id })))
  })

  api.get('/runs/:run_id/steps', async (context) => {
    const query = decodeQuery(runStepsQuery, queryOf(context))
    const scope = context.get('scope')
    const run = await store.getRun(scope, { id: runIdOf(context) })
    const steps = await store.listSteps(scope, { runId: run.id, page: toPage(query) })
    return context.json(steps.map(encodeStep))
  })
}

function addStepRoutes(api: Api, app: App): void {
  const { store } = app

  api.get('/steps', async (context) => {
    const query = decodeQuery(stepsQuery, queryOf(context))
    const steps = await store.listSteps(context.get('scope'), {
      ...present({ agentId: query.agent_id }),
      page: toPage(query),
    })
    return context.json(steps.map(encodeStep))
  })

  api.get('/steps/:step_id', async (context) =>
    context.json(
      encodeStep(await store.getStep(context.get('scope'), { id: pathId(context, 'step') })),
    ),
  )

  api.get('/steps/:step_id/messages', async (context) => {
    const query = decodeQuery(messagesQuery, queryOf(context))
    const scope = context.get('scope')
    const step = await store.getStep(scope, { id: pathId(context, 'step') })
    const found = await app.services.messages.list(scope, { stepId: step.id, ...toPage(query) })
    return context.json(encodeMessages(found))
  })
}

async function answerWithRuns(
  app: App,
  context: ApiContext,
  query: z.infer<typeof runListQuery>,
): Promise<Response> {
  const agentIds = query.agent_id === undefined ? query.agent_ids : [query.agent_id]
  const filter: RunFilter = present({
    agentIds,
    conversationId: query.conversation_id,
    statuses: toStatuses(query),
    background: query.background,
    stopReason: query.stop_reason,
  })
  const order = query.ascending === true ? 'asc' : query.order
  const runs = await app.services.runs.list(context.get('scope'), {
    filter,
    page: toPage({ ...query, order }),
  })
  return context.json(runs.map(encodeRun))
}

function toStatuses(query: z.infer<typeof runListQuery>): readonly RunStatus[] | undefined {
  if (query.active) return ['created', 'running']
  return query.statuses?.map((given) => {
    const status = runStatuses.find((known) => known === given)
    if (status !== undefined) return status
    throw new AppError(
      'invalid_argument',
      `Cannot list runs of status "${given}": there is none of that name. Use ${runStatuses.join(', ')}.`,
    )
  })
}

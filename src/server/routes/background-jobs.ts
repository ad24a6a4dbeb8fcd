import type { App } from '../../app/app.ts'
import { backgroundJobListQuery, encodeBackgroundJob } from '../../wire/background-job.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { pathId, queryOf } from './path.ts'

/** The jobs that servers do in the background; for administrators. The original's `/jobs` are imports and batches. */
export function addBackgroundJobRoutes(api: Api, app: App): void {
  const { backgroundJobs } = app.services

  api.get('/background-jobs', async (context) => {
    const { state, kind, after, limit } = decodeQuery(backgroundJobListQuery, queryOf(context))
    const found = await backgroundJobs.list(context.get('scope'), {
      ...present({ states: state, kinds: kind, after }),
      limit,
    })
    return context.json(found.map(encodeBackgroundJob))
  })

  api.get('/background-jobs/:job_id', async (context) => {
    const job = await backgroundJobs.get(context.get('scope'), pathId(context, 'job'))
    return context.json(encodeBackgroundJob(job))
  })

  api.post('/background-jobs/:job_id/retry', async (context) => {
    const job = await backgroundJobs.retry(context.get('scope'), pathId(context, 'job'))
    return context.json(encodeBackgroundJob(job))
  })

  api.delete('/background-jobs/:job_id', async (context) => {
    await backgroundJobs.remove(context.get('scope'), pathId(context, 'job'))
    return context.body(null, 204)
  })
}

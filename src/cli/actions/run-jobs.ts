import type { BackgroundJob, Client } from '../../../sdk/src/index.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { requireServer } from '../server/require-server.ts'
import { withClient } from '../session/open-client.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** What `letta jobs list` was asked. */
export interface ListJobsOptions {
  /** Default: all but those that are done. */
  readonly state?: BackgroundJob['state'] | undefined
  readonly kind?: string | undefined
  readonly limit: number
  readonly json: boolean
}

/** Which dead jobs a command is about: those named, or all. */
export interface DeadJobsOptions {
  readonly jobIds: readonly string[]
  readonly all: boolean
}

/** Lists background jobs, newest first. */
export async function listJobs(context: CliContext, options: ListJobsOptions): Promise<void> {
  const { state, kind, limit, json } = options
  await withClient(context, async ({ client }) => {
    const jobs = await client.listBackgroundJobs({
      states: state === undefined ? ['ready', 'running', 'dead'] : [state],
      kinds: kind === undefined ? undefined : [kind],
      limit,
    })
    if (json) {
      printJson(context, jobs)
      return
    }
    printLines(
      context,
      toColumns(
        jobs.map((job) => [
          job.id,
          job.state,
          job.kind,
          describeTime(job),
          `${job.attempts} tried`,
          whyNot(job)?.split('\n', 1)[0] ?? '',
        ]),
      ),
    )
    if (jobs.length === 0) context.stderr.write('There are no such jobs.\n')
    if (jobs.length === limit) {
      context.stderr.write(`There may be more; --limit shows more than ${limit}.\n`)
    }
  })
}

/** Why a job failed the last time, or what it could do for others alone. */
function whyNot({ lastError, result }: BackgroundJob): string | null {
  const failed = result?.['failed']
  const [first] = typeof failed === 'object' && failed !== null ? Object.values(failed) : []
  return lastError ?? (typeof first === 'string' ? first : null)
}

/** Shows one background job. */
export async function showJob(
  context: CliContext,
  { jobId, json }: { readonly jobId: string; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const job = await client.getBackgroundJob({ jobId })
    if (json) {
      printJson(context, job)
      return
    }
    const { attempts, maxAttempts, lastError, result } = job
    printLines(context, [
      `${job.id}  ${job.state}  ${job.kind}`,
      `about ${JSON.stringify(job.payload)}, agent ${job.agentId ?? '-'}`,
      `${describeTime(job)}, tried ${attempts} times${maxAttempts === null ? '' : ` of ${maxAttempts}`}`,
      ...(result === null ? [] : [`last result: ${JSON.stringify(result)}`]),
      ...(lastError === null ? [] : [`last error: ${lastError}`]),
    ])
    if (job.state === 'dead') {
      context.stderr.write(
        `It was given up. Mend what the error says, then: letta jobs retry ${job.id}\n`,
      )
    }
  })
}

/** Has dead jobs tried again, then sees to it that a server runs. */
export async function retryJobs(context: CliContext, options: DeadJobsOptions): Promise<void> {
  requireChoice(options, 'retry')
  const ids = await withClient(context, async ({ client }) => {
    const ids = await chooseDead(client, options)
    for (const jobId of ids) {
      await client.retryBackgroundJob({ jobId })
      context.stderr.write(`${jobId} is tried again.\n`)
    }
    if (ids.length === 0) context.stderr.write('There are no dead jobs.\n')
    return ids
  })
  if (ids.length > 0) await requireServer(context)
}

/** Removes dead jobs. */
export async function removeJobs(context: CliContext, options: DeadJobsOptions): Promise<void> {
  requireChoice(options, 'remove')
  await withClient(context, async ({ client }) => {
    const ids = await chooseDead(client, options)
    for (const jobId of ids) {
      await client.removeBackgroundJob({ jobId })
      context.stderr.write(`Removed ${jobId}.\n`)
    }
    if (ids.length === 0) context.stderr.write('There are no dead jobs.\n')
  })
}

function requireChoice({ jobIds, all }: DeadJobsOptions, action: string): void {
  if (jobIds.length > 0 === all) {
    throw usageError(`Cannot ${action} jobs: name some, or say --all-dead, not both.`)
  }
}

async function chooseDead(
  client: Client,
  { jobIds, all }: DeadJobsOptions,
): Promise<readonly string[]> {
  if (!all) return jobIds
  return (await client.listBackgroundJobs({ states: ['dead'] })).map(({ id }) => id)
}

function describeTime({ state, runAt, updatedAt }: BackgroundJob): string {
  const since = { ready: 'due', running: 'since', done: 'ended', dead: 'given up' } as const
  const time = state === 'ready' ? runAt : updatedAt
  return `${since[state]} ${shortTime(time.toISOString())} UTC`
}

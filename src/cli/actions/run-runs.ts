import type { Run } from '@letta-ai/letta-client/resources/agents/messages'
import type { Step } from '@letta-ai/letta-client/resources/steps/steps'
import { z } from 'zod'
import type { Client, PlaceOptions } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** What `letta runs list` was asked. */
export interface ListRunsOptions {
  /** An id or a name. Default: all agents. */
  readonly agent: string | undefined
  /** Only runs that have not ended. */
  readonly active: boolean
  readonly limit: number
  readonly json: boolean
}

/** Lists runs, newest first. */
export async function listRuns(context: CliContext, options: ListRunsOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const { agent, active, limit } = options
    const owner = agent === undefined ? null : await chooseAgent({ client, agent })
    const page = await client.letta.runs.list({
      ...(owner !== null && { agent_id: owner.id }),
      ...(active && { active: true }),
      limit,
      order: 'desc',
    })
    if (options.json) {
      printJson(context, page.items)
      return
    }
    if (page.items.length === 0)
      context.stderr.write(`There are no ${active ? 'open ' : ''}runs.\n`)
    const now = Date.now()
    printLines(
      context,
      toColumns(
        page.items.map((run) => [
          run.id,
          shownStatus(run),
          run.conversation_id ?? 'default',
          toAge(now - Date.parse(run.created_at ?? '')),
          run.stop_reason ?? '-',
        ]),
      ),
    )
  })
}

/** Shows one run with its steps, its use of tokens and its error. */
export async function showRun(
  context: CliContext,
  options: { readonly runId: string; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const { runId } = options
    const run = await client.letta.runs.retrieve(runId)
    const [usage, { items: steps }] = await Promise.all([
      client.letta.runs.usage.retrieve(runId),
      client.letta.runs.steps.list(runId, { limit: 100, order: 'asc' }),
    ])
    if (options.json) {
      printJson(context, { run, steps, usage })
      return
    }
    const error = errorOf(run)
    printLines(context, [
      `${run.id}  ${shownStatus(run)}  ${run.stop_reason ?? '-'}`,
      `agent ${run.agent_id}, conversation ${run.conversation_id ?? 'default'}`,
      `began ${shortTime(run.created_at)}, ended ${shortTime(run.completed_at)}${durationOf(run)}`,
      `used ${usage.prompt_tokens ?? 0} + ${usage.completion_tokens ?? 0} tokens`,
      ...toColumns(steps.map(stepRow)),
      ...(error === null ? [] : [`error ${error}`]),
    ])
  })
}

/** Ends a run. */
export async function cancelRun(
  context: CliContext,
  { runId }: { readonly runId: string },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    if (!(await client.cancel({ runId }))) {
      throw new CliError(`Cannot cancel ${runId}: it has ended. See \`letta runs show ${runId}\`.`)
    }
    context.stderr.write(`Cancelled ${runId}.\n`)
  })
}

/** Pauses the conversation of a run that has not ended. */
export async function pauseRun(
  context: CliContext,
  { runId, now }: { readonly runId: string; readonly now: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const place = await placeOf(client, { runId, action: 'pause' })
    const isResting = await client.pause({ ...place, now })
    const when = isResting || now ? '' : ' at the end of its step'
    context.stderr.write(
      `Paused ${runId}${when}. \`letta runs resume ${runId}\` goes on with it.\n`,
    )
  })
}

/** Goes on with a run that was paused; without a server this command carries it on. */
export async function resumeRun(
  context: CliContext,
  { runId }: { readonly runId: string },
): Promise<void> {
  const isServed = await withClient(context, async ({ client }) => {
    await client.resume(await placeOf(client, { runId, action: 'resume' }))
    return client.mode !== 'embedded'
  })
  context.stderr.write(`Resumed ${runId}.\n`)
  if (isServed) return
  const { watchRun } = await import('./watch-run.ts')
  await watchRun(context, { runId, from: 0, outputFormat: 'text' })
}

/** Sends a signal to the conversation of a run. */
export async function signalRun(
  context: CliContext,
  request: { readonly runId: string; readonly name: string; readonly payload: unknown },
): Promise<void> {
  const { runId, name, payload } = request
  await withClient(context, async ({ client }) => {
    const place = await placeOf(client, { runId, action: 'signal' })
    const woken = await client.signal({ ...place, name, payload })
    context.stderr.write(
      woken === null
        ? `Sent ${name}. Nothing waits for it now; it is kept for the next wait for its name.\n`
        : `Sent ${name}; ${woken} goes on with it.\n`,
    )
  })
}

async function placeOf(
  client: Client,
  { runId, action }: { readonly runId: string; readonly action: string },
): Promise<PlaceOptions> {
  const run = await client.letta.runs.retrieve(runId)
  if (run.completed_at !== null && run.completed_at !== undefined) {
    throw new CliError(`Cannot ${action} ${runId}: it has ended. See \`letta runs show ${runId}\`.`)
  }
  return { agentId: run.agent_id, conversationId: run.conversation_id ?? undefined }
}

const restSchema = z.object({ kind: z.string(), name: z.string().optional() })

/** The status of a run; one that rests says for what, and one whose process is gone says so. */
export function shownStatus(run: Run): string {
  const rest = restSchema.safeParse(run.metadata?.['waiting_for'])
  if (rest.success) return rest.data.kind === 'pause' ? 'paused' : `waiting:${rest.data.kind}`
  return run.metadata?.['interrupted'] === true ? 'interrupted' : (run.status ?? '-')
}

function stepRow(step: Step, index: number): readonly string[] {
  return [
    `step ${index + 1}`,
    step.status ?? '-',
    `${step.provider_name ?? '-'}/${step.model ?? '-'}`,
    `${step.prompt_tokens ?? 0} + ${step.completion_tokens ?? 0} tokens`,
    step.stop_reason ?? '-',
  ]
}

const errorSchema = z.object({ message: z.string(), detail: z.string().optional() })

function errorOf(run: Run): string | null {
  const error = errorSchema.safeParse(run.metadata?.['error'])
  if (!error.success) return null
  const { message, detail } = error.data
  return detail === undefined || detail === '' ? message : detail
}

function durationOf(run: Run): string {
  const { total_duration_ns: nanoseconds } = run
  return typeof nanoseconds === 'number' ? ` after ${(nanoseconds / 1e9).toFixed(1)} s` : ''
}

/** The largest unit first that a time is at least two of. */
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

/** A time in one unit, such as `3 min`. */
export function toAge(milliseconds: number): string {
  for (const [name, length] of units) {
    if (milliseconds >= 2 * length) return `${Math.floor(milliseconds / length)} ${name}`
  }
  return `${Math.max(0, Math.floor(milliseconds / 1000))} s`
}

import { loadSettings, type Settings } from '../../config/load-settings.ts'
import { version } from '../../config/version.ts'
import type { Client } from '../../../sdk/src/index.ts'
import { printJson, printLines } from '../actions/print.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { describeError } from '../describe-error.ts'
import { readHealth, requireLetta, type Health } from '../session/health.ts'
import { isOffline } from '../session/model-info.ts'
import { openClient, type OpenClient } from '../session/open-client.ts'
import { findOnPath, isProgramOf, packageFolderOf } from './path-check.ts'
import { checkEmbeddings } from './check-embeddings.ts'
import { checkJobs } from './check-jobs.ts'
import { createRoundTrip, type DoctorStep } from './round-trip.ts'

/** What became of one step. */
interface StepReport {
  readonly step: string
  readonly ok: boolean
  readonly detail: string
}

/** Shows what is installed and proves that it works. */
export async function runDoctor(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  const settings = loadSettings(context.environment)
  const warnings = findWarnings(context)
  const facts: Record<string, string> = {
    version,
    node: process.versions.node,
    'data folder': settings.home,
    settings: describeSources(settings),
  }
  const reports: StepReport[] = []
  const open = openClient(context)
  try {
    const opened = await tryStep({ name: 'open', run: () => describePlace(open, facts) })
    reports.push(opened)
    if (opened.ok) {
      reports.push(await tryStep({ name: 'jobs', run: () => checkJobs(open.client) }))
      reports.push(await tryStep({ name: 'embeddings', run: () => checkEmbeddings(open.client) }))
      reports.push(...(await proveRoundTrip(open.client)))
    }
  } finally {
    await open.client.close()
  }
  if (options.json) printJson(context, { ...facts, warnings, steps: reports })
  else printLines(context, renderReport({ facts, warnings, reports }))
  const failed = reports.find(({ ok }) => !ok)
  if (failed !== undefined) {
    throw new CliError(`Cannot call the installation healthy: the step "${failed.step}" failed.`)
  }
}

async function proveRoundTrip(client: Client): Promise<readonly StepReport[]> {
  const { steps, cleanUp } = createRoundTrip(client)
  const reports: StepReport[] = []
  for (const step of steps) {
    const report = await tryStep(step)
    reports.push(report)
    if (!report.ok) break
  }
  reports.push(await tryStep(cleanUp))
  return reports
}

async function tryStep(step: DoctorStep): Promise<StepReport> {
  try {
    return { step: step.name, ok: true, detail: await step.run() }
  } catch (error) {
    return { step: step.name, ok: false, detail: describeError(error).message }
  }
}

/** Adds what the server, or the product in this process, says about itself. */
async function describePlace(
  { client, settings }: OpenClient,
  facts: Record<string, string>,
): Promise<string> {
  const connection = await client.connect()
  if (settings.baseUrl !== null) await requireLetta(client, settings.baseUrl)
  const health = await readHealth(client)
  const models = await client.letta.models.list()
  facts['reached'] =
    connection.mode === 'http' ? `the server at ${connection.baseUrl}` : 'in this process'
  if (health.engine !== undefined) facts['engine'] = health.engine
  if (health.location !== undefined) facts['database'] = health.location
  if (health.vectors !== undefined) facts['vectors'] = describeVectors(health.vectors)
  facts['model'] = (await isOffline(client, 'letta/auto'))
    ? 'none: offline mode'
    : `${models.length} can be used`
  facts['hosts it may contact'] = describeHosts(models.map((model) => model.model_endpoint))
  return connection.mode
}

function describeVectors({ by, detail }: NonNullable<Health['vectors']>): string {
  return (
    by ?? `none, and all but search by meaning works: ${detail ?? 'the server does not say why'}`
  )
}

/** The hosts of the models that can be used: the product contacts nobody else. */
function describeHosts(endpoints: readonly (string | null | undefined)[]): string {
  const hosts = endpoints.flatMap((endpoint) =>
    typeof endpoint === 'string' && URL.canParse(endpoint) ? [new URL(endpoint).host] : [],
  )
  return hosts.length === 0 ? 'none' : [...new Set(hosts)].toSorted().join(', ')
}

function describeSources(settings: Settings): string {
  const sources = Object.values(settings.sources)
  return sources.length === 0 ? 'all defaults' : `from ${[...new Set(sources)].join(', ')}`
}

function findWarnings(context: CliContext): string[] {
  const found = findOnPath(context.environment, 'letta')
  if (found === null) return []
  if (isProgramOf(found, packageFolderOf(import.meta.filename))) return []
  return [
    `Another program named letta is first on the PATH: ${found}. Use letta-ts, or change the PATH.`,
  ]
}

function renderReport(report: {
  readonly facts: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  readonly reports: readonly StepReport[]
}): string[] {
  return [
    ...Object.entries(report.facts).map(([name, value]) => `${name}: ${value}`),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    ...report.reports.map(
      ({ step, ok, detail }) => `${ok ? 'ok    ' : 'FAILED'} ${step}: ${detail}`,
    ),
  ]
}

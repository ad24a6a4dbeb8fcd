import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'
import { writePrivateFile } from '../../config/platform.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { type EvalCase, readQuestions, readStars, readText } from './eval-cases.ts'
import { parseJson } from '../../util/parse-json.ts'
import { counted, printJson, printLines, toColumns } from './print.ts'

/** Among how many results a source counts as found, what is reported beside it, and how many results are looked at. */
const foundWithin = 10
const reported = [1, 5, foundWithin] as const
const lookedAt = 50

/** What `letta eval` was asked. */
export interface EvalOptions {
  /** Questions with their sources. Default: the starred answers of the agent. */
  readonly file: string | undefined
  readonly agent: string | undefined
  /** Whether to keep the run even if it finds less. */
  readonly accept: boolean
  readonly json: boolean
}

/** Places by the key of a case, from 1; null = not among the results. */
const runSchema = z.object({ at: z.string(), places: z.record(z.string(), z.number().nullable()) })

type EvalRun = z.infer<typeof runSchema>

/** What became of a case since the last run. */
interface Verdict {
  readonly question: string
  readonly place: number | null
  /** Whether the last run asked it, too. */
  readonly isKnown: boolean
  readonly verdict: 'found' | 'gained' | 'lost' | 'missing'
}

/**
 * Searches for every question, compares with the last run and keeps this one. Rejects when a question lost its source, or has
 * none from the beginning that anybody has accepted.
 */
export async function runEval(context: CliContext, options: EvalOptions): Promise<void> {
  const { file } = options
  const asked = file === undefined ? null : readQuestions(file)
  await withClient(context, async ({ client, settings }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const cases = asked ?? (await readStars(client.memory(agent.id)))
    const lastFile =
      file === undefined ? join(settings.home, 'eval', `${agent.id}.json`) : `${file}.last.json`
    const last = readLast(lastFile)
    const places: Record<string, number | null> = {}
    for (const each of cases) places[each.key] = await findPlace(client, agent.id, each)
    const verdicts = cases.map((each) => judge(each, places[each.key] ?? null, last))
    report(context, { verdicts, last, places, json: options.json })
    const refusal = options.accept ? null : refuse(verdicts, last)
    if (refusal !== null) throw new CliError(refusal)
    const run: EvalRun = { at: new Date().toISOString(), places }
    writePrivateFile(lastFile, `${JSON.stringify(run, null, 2)}\n`)
  })
}

function judge({ key, question }: EvalCase, place: number | null, last: EvalRun | null): Verdict {
  const before = last?.places[key]
  const isNow = isFound(place)
  const isKnown = before !== undefined
  if (!isKnown || isFound(before) === isNow) {
    return { question, place, isKnown, verdict: isNow ? 'found' : 'missing' }
  }
  return { question, place, isKnown, verdict: isNow ? 'gained' : 'lost' }
}

/** Why a run is not to be compared with later until somebody accepts it; null = it is kept. */
function refuse(verdicts: readonly Verdict[], last: EvalRun | null): string | null {
  const lost = verdicts.filter(({ verdict }) => verdict === 'lost').length
  const missing = verdicts.filter(({ verdict, isKnown }) => verdict === 'missing' && !isKnown)
  const states = [
    ...(lost === 0
      ? []
      : [
          `Since ${last?.at ?? ''} ${questions(lost)} lost ${lost === 1 ? 'its' : 'their'} source.`,
        ]),
    ...(missing.length === 0
      ? []
      : [
          `For ${questions(missing.length)} no source was found, and no earlier run had accepted that.`,
        ]),
  ]
  if (states.length === 0) return null
  return `${states.join(' ')} Look at them, or run with --accept to take this run as the one to compare with.`
}

function questions(count: number): string {
  return counted(count, 'question')
}

function isFound(place: number | null): boolean {
  return place !== null && place <= foundWithin
}

function report(
  context: CliContext,
  {
    verdicts,
    last,
    places,
    json,
  }: {
    readonly verdicts: readonly Verdict[]
    readonly last: EvalRun | null
    readonly places: EvalRun['places']
    readonly json: boolean
  },
): void {
  const hits = reported.map((k) => {
    const found = verdicts.filter(({ place }) => place !== null && place <= k).length
    return [k, found] as const
  })
  const named = (wanted: Verdict['verdict']): readonly string[] =>
    verdicts.flatMap(({ question, verdict }) => (verdict === wanted ? [question] : []))
  if (json) {
    printJson(context, {
      questions: verdicts.length,
      hits: Object.fromEntries(hits),
      lost: named('lost'),
      gained: named('gained'),
      compared_with: last?.at ?? null,
      cases: verdicts.map(({ isKnown: _isKnown, ...each }) => each),
      places,
    })
    return
  }
  const summary = hits.map(([k, found]) => `Hit@${k} ${found} of ${verdicts.length}`).join(', ')
  const rows = verdicts.map(({ verdict, place, question }) => [
    verdict,
    place === null ? '-' : `#${place}`,
    toOneLine(question, 160),
  ])
  printLines(context, [`${summary}.`, ...toColumns(rows)])
}

/** The best place of a source among the results of its kind. */
async function findPlace(
  client: Client,
  agentId: string,
  { question, sources, own }: EvalCase,
): Promise<number | null> {
  const kinds = new Set(sources.map((id) => id.slice(0, Math.max(0, id.indexOf('-')))))
  const places: number[] = []
  for (const kind of kinds) {
    const found = await searchIds(client, { agentId, kind, query: question })
    const place = found.filter((id) => !own.includes(id)).findIndex((id) => sources.includes(id))
    if (place !== -1) places.push(place + 1)
  }
  return places.length === 0 ? null : Math.min(...places)
}

async function searchIds(
  client: Client,
  asked: { readonly agentId: string; readonly kind: string; readonly query: string },
): Promise<readonly string[]> {
  const { agentId, kind, query } = asked
  if (kind === 'message') {
    const found = await client.letta.messages.search({ agent_id: agentId, query, limit: lookedAt })
    return found.flatMap((hit) => ('message_id' in hit ? [String(hit.message_id)] : []))
  }
  if (kind === 'passage') {
    const { results } = await client.letta.agents.passages.search(agentId, {
      query,
      top_k: lookedAt,
    })
    return results.map(({ id }) => id)
  }
  if (kind === 'fact') {
    const { facts } = await client.facts(agentId).list({ query, limit: lookedAt, history: true })
    return facts.map(({ id }) => id)
  }
  throw new CliError(
    `Cannot look for a source of the kind "${kind}". Name messages, passages or facts by their ids.`,
  )
}

/** The last run; null before the first. A file that is none is an error: nothing may pass for lack of a comparison. */
function readLast(file: string): EvalRun | null {
  if (!existsSync(file)) return null
  const parsed = runSchema.safeParse(parseJson(readText(file)))
  if (parsed.success) return parsed.data
  throw new CliError(
    `Cannot compare with ${file}: it is no run of letta eval. Remove it to begin anew.`,
  )
}

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** Among how many results a source counts as found, and how many are looked at. */
const foundWithin = 10
const lookedAt = 50

/** What `letta eval` was asked. */
export interface EvalOptions {
  readonly file: string
  readonly agent: string | undefined
  /** Whether to keep the run even if it finds less. */
  readonly accept: boolean
  readonly json: boolean
}

const lineSchema = z.object({
  question: z.string().min(1),
  source: z.union([
    z
      .string()
      .min(1)
      .transform((id) => [id]),
    z.array(z.string().min(1)).min(1),
  ]),
})

/** A question with the ids of what answers it. */
type Question = z.infer<typeof lineSchema>

/** Places by question, from 1; null = not among the results. */
const runSchema = z.object({ at: z.string(), places: z.record(z.string(), z.number().nullable()) })

type EvalRun = z.infer<typeof runSchema>

/** Searches for every question, compares with the last run and keeps this one. Rejects when a question lost its source. */
export async function runEval(context: CliContext, options: EvalOptions): Promise<void> {
  const questions = readQuestions(options.file)
  const lastFile = `${options.file}.last.json`
  const last = readLast(lastFile)
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const places: Record<string, number | null> = {}
    for (const question of questions) {
      places[question.question] = await findPlace(client, agent.id, question)
    }
    const run: EvalRun = { at: new Date().toISOString(), places }
    const lost = changed(last, run, (before, now) => isFound(before) && !isFound(now))
    const gained = changed(last, run, (before, now) => !isFound(before) && isFound(now))
    const found = Object.values(places).filter(isFound).length
    const first = Object.values(places).filter((place) => place === 1).length
    if (options.json) {
      const summary = { questions: questions.length, first, found, lost, gained }
      printJson(context, { ...summary, compared_with: last?.at ?? null, places })
    } else {
      printLines(context, [
        `${found} of ${questions.length} questions have their source among the first ${foundWithin}, ${first} in the first place.`,
        ...lost.map((question) => `lost    ${question}`),
        ...gained.map((question) => `gained  ${question}`),
        ...Object.entries(places).flatMap(([question, place]) =>
          isFound(place) || lost.includes(question) ? [] : [`missing ${question}`],
        ),
      ])
    }
    if (lost.length > 0 && !options.accept) {
      throw new CliError(
        `${lost.length} questions lost their source since ${last?.at ?? ''}. Look at them, or run with --accept to take this run as the one to compare with.`,
      )
    }
    keep(lastFile, run)
  })
}

function isFound(place: number | null): boolean {
  return place !== null && place <= foundWithin
}

function changed(
  last: EvalRun | null,
  run: EvalRun,
  is: (before: number | null, now: number | null) => boolean,
): readonly string[] {
  const before = new Map(Object.entries(last?.places ?? {}))
  return Object.entries(run.places).flatMap(([question, place]) =>
    before.has(question) && is(before.get(question) ?? null, place) ? [question] : [],
  )
}

/** The best place of a source among the results of its kind. */
async function findPlace(
  client: Client,
  agentId: string,
  { question, source }: Question,
): Promise<number | null> {
  const kinds = new Set(source.map((id) => id.slice(0, Math.max(0, id.indexOf('-')))))
  const places: number[] = []
  for (const kind of kinds) {
    const ids = await searchIds(client, { agentId, kind, query: question })
    const place = ids.findIndex((id) => source.includes(id))
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

function readQuestions(file: string): readonly Question[] {
  const questions = readText(file)
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, index + 1)]))
  if (questions.length === 0) throw new CliError(`Cannot evaluate ${file}: it holds no question.`)
  return questions
}

function parseLine(line: string, number: number): Question {
  const parsed = lineSchema.safeParse(parseJson(line))
  if (parsed.success) return parsed.data
  throw new CliError(
    `Cannot evaluate line ${number}: it is no question with its source. Each line is a JSON object with "question" and "source" (an id or a list of ids); nothing was searched.`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(`Cannot read ${file}: ${reason}. Check the path.`)
  }
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

/** Written beside and renamed, so that a crash leaves the run before. */
function keep(file: string, run: EvalRun): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

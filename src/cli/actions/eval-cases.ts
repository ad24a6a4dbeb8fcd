import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { AgentMemory } from '../../../sdk/src/index.ts'
import { systemReason } from '../../errors/system-reason.ts'
import { CliError } from '../cli-error.ts'
import { noStars } from './run-star.ts'
import { parseJson } from '../../util/parse-json.ts'

/** A question with what answers it. */
export interface EvalCase {
  /** What a run is compared by with the one before. */
  readonly key: string
  readonly question: string
  /** The ids of what answers it; one of them suffices. */
  readonly sources: readonly string[]
  /** What is not counted among the results: the question itself and what was said in reply. */
  readonly own: readonly string[]
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

/** The questions of a file of JSON lines. Throws for a line that is none, and when there is none. */
export function readQuestions(file: string): readonly EvalCase[] {
  const questions = readText(file)
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, index + 1)]))
  if (questions.length === 0) throw new CliError(`Cannot evaluate ${file}: it holds no question.`)
  const byKey = Map.groupBy(questions, ({ key }) => key)
  return questions.map((each) =>
    byKey.get(each.key)?.length === 1
      ? each
      : // The same question with other sources is another case.
        { ...each, key: `${each.question}\n${each.sources.join('\n')}` },
  )
}

/** The questions of an agent's starred answers. Rejects when there are none. */
export async function readStars(memory: Pick<AgentMemory, 'stars'>): Promise<readonly EvalCase[]> {
  const stars = await memory.stars()
  const asked = stars.filter(({ question }) => question !== '')
  if (asked.length === 0) throw new CliError(`Cannot evaluate: ${noStars}`)
  return asked.map((star) => ({
    key: star.run_id,
    question: star.question,
    sources: star.source_ids,
    own: star.own_message_ids,
  }))
}

/** The text of a file. Throws what a person can act on. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`Cannot read ${file}: ${systemReason(error)}. Check the path.`)
  }
}

function parseLine(line: string, number: number): EvalCase {
  const parsed = lineSchema.safeParse(parseJson(line))
  if (parsed.success) {
    const { question, source } = parsed.data
    return { key: question, question, sources: source, own: [] }
  }
  throw new CliError(
    `Cannot evaluate line ${number}: it is no question with its source. Each line is a JSON object with "question" and "source" (an id or a list of ids); nothing was searched.`,
  )
}

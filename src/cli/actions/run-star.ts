import type { StarredAnswer } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime } from './print.ts'
import { newestRun, toAnswer } from './run-why.ts'

/** What `letta star` was asked. */
export interface StarOptions {
  /** A run or message. Default: the newest run of the agent. */
  readonly answer: string | undefined
  readonly agent: string | undefined
  readonly list: boolean
  readonly remove: boolean
  readonly json: boolean
}

/** Stars an answer, takes a star away, or lists the starred answers. */
export async function runStar(context: CliContext, options: StarOptions): Promise<void> {
  const { list, remove, json } = options
  if (list && (remove || options.answer !== undefined)) {
    throw usageError('Cannot list and change stars at once. Give --list alone, or an answer.')
  }
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const memory = client.memory(agent.id)
    if (list) {
      const stars = await memory.stars()
      if (json) printJson(context, stars)
      else if (stars.length === 0) context.stderr.write(`There is nothing to list: ${noStars}\n`)
      else printLines(context, stars.flatMap(renderStar))
      return
    }
    const which = toAnswer(options.answer ?? (await newestRun(client, agent.id)))
    if (remove) {
      const runId = 'runId' in which ? which.runId : (await memory.why(which)).run_id
      await memory.unstar(runId)
      if (json) printJson(context, { run_id: runId, removed: true })
      else printLines(context, [`The star of ${runId} is taken away.`])
      return
    }
    const starred = await memory.star(which)
    if (json) printJson(context, starred)
    else printLines(context, [renderStarred(starred)])
  })
}

/** What is said while nothing is starred. */
export const noStars =
  'no answer is starred. letta star, or /star in the chat, marks the newest one; letta eval then tests whether what it rests on is still found.'

/** What is said of an answer that was starred. */
export function renderStarred({
  question,
  source_ids: sources,
  run_id: runId,
}: StarredAnswer): string {
  const texts = sources.length === 1 ? 'one stored text' : `${sources.length} stored texts`
  return `Starred: "${toOneLine(question, 80)}" rests on ${texts}. letta eval tests whether it is still found.  [${runId}]`
}

function renderStar(star: StarredAnswer): readonly string[] {
  return [
    `${shortTime(star.starred_at)}  ${toOneLine(star.question, 120)}  [${star.run_id}]`,
    `  ${toOneLine(star.answer, 160)}`,
    `  rests on ${star.source_ids.join(', ')}`,
  ]
}

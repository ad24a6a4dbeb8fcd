import type { AnswerSource, Client, MemoryReasons, WhichAnswer } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime } from './print.ts'

/** What `letta why` was asked. */
export interface WhyOptions {
  /** A run or message. Default: the newest run of the agent. */
  readonly answer: string | undefined
  readonly agent: string | undefined
  readonly json: boolean
}

/** Shows what an answer rests on. */
export async function runWhy(context: CliContext, options: WhyOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const answer = options.answer ?? (await newestRun(client, agent.id))
    const reasons = await client.memory(agent.id).why(toAnswer(answer))
    if (options.json) printJson(context, reasons)
    else printLines(context, renderReasons(reasons, agent.timezone))
  })
}

/** An answer by the id of its run or of its message. */
export function toAnswer(id: string): WhichAnswer {
  return id.startsWith('run-') ? { runId: id } : { messageId: id }
}

/** The run that gave the newest answer. Rejects when there is none. */
export async function newestRun(client: Client, agentId: string): Promise<string> {
  const page = await client.letta.runs.list({ agent_id: agentId, limit: 1, order: 'desc' })
  const [run] = page.items
  if (run !== undefined) return run.id
  throw new CliError('Cannot find an answer: the agent has given none yet. Ask it something.')
}

/** Reasons as lines for people, with times of a zone; default: UTC. */
export function renderReasons(reasons: MemoryReasons, zone?: string | null): readonly string[] {
  const timezone = zone ?? 'UTC'
  const { answer, found, in_view: inView = [], remembered } = reasons
  const toLine = ({ id, role, text, date }: AnswerSource): string =>
    `  ${shortTime(date, timezone)}  ${role}: ${toOneLine(text, 120)}  [${id}]`
  const lines = [
    `Answer: ${toOneLine(answer, 200)}`,
    ...(found.length === 0 ? [] : ['It found:']),
    ...found.map(toLine),
    ...(inView.length === 0 ? [] : ['The conversation had it:']),
    ...inView.map(toLine),
    ...(remembered.length === 0 ? [] : ['Memory says:']),
    ...remembered.flatMap(({ label, line, change, quotes }) => [
      `  [${label}] ${toOneLine(line, 120)}${change === null ? '' : `  [${change.id}, ${shortTime(change.created_at, timezone)}]`}`,
      ...quotes
        .slice(0, 1)
        .map(
          ({ text, date }) =>
            `    because on ${shortTime(date, timezone)} you said: ${toOneLine(text, 100)}`,
        ),
    ]),
  ]
  if (found.length + inView.length + remembered.length > 0) return lines
  return [
    ...lines,
    'Nothing stored was looked up for it, and neither the conversation nor memory shares its words.',
  ]
}

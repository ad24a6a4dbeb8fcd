import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime } from './print.ts'

/** What `letta search` was asked. */
export interface SearchOptions {
  readonly query: string
  readonly agent: string | undefined
  readonly limit: number
  readonly json: boolean
}

/** Searches an agent's archival memory. */
export async function runSearch(context: CliContext, options: SearchOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const answer = await client.letta.agents.passages.search(agent.id, {
      query: options.query,
      top_k: options.limit,
    })
    if (options.json) {
      printJson(context, answer.results)
      return
    }
    if (answer.results.length === 0) context.stderr.write('Nothing found.\n')
    printLines(
      context,
      answer.results.map(({ timestamp, content }) => `${shortTime(timestamp)}  ${content}`),
    )
  })
}

import type { Client } from '../../../sdk/src/index.ts'
import { textOf } from '../../../sdk/src/messages.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime } from './print.ts'

/** How much of a text is shown on its line. */
const shownLength = 300

/** What `letta search` was asked. */
export interface SearchOptions {
  readonly query: string
  readonly agent: string | undefined
  /** How many messages and how many passages. */
  readonly limit: number
  /** Whether to say how each result was found. */
  readonly explain: boolean
  readonly json: boolean
}

/** Something found. */
interface Hit {
  readonly kind: 'message' | 'passage' | 'fact'
  readonly id: string | null
  /** Who said it; null for passages. */
  readonly role: 'user' | 'assistant' | null
  readonly date: string | null
  readonly text: string
}

/** Searches what was said to and by an agent, its archival memory, and what it knows; best first in each. */
export async function runSearch(context: CliContext, options: SearchOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    if (options.explain) {
      const { explainSearch } = await import('./explain-search.ts')
      await explainSearch(context, { client, agentId: agent.id, ...options })
      return
    }
    const found = await Promise.all([
      searchMessages(client, agent.id, options),
      searchPassages(client, agent.id, options),
      searchFacts(client, agent.id, options),
    ])
    const hits = found.flat()
    if (options.json) {
      printJson(context, hits)
      return
    }
    if (hits.length === 0) {
      const { whyNothing } = await import('./explain-search.ts')
      const why = await whyNothing({ client, agentId: agent.id, ...options })
      context.stderr.write(`${why}\n`)
    }
    printLines(
      context,
      hits.map(({ kind, role, date, text }) => {
        return `${shortTime(date)}  ${role ?? kind}: ${toOneLine(text, shownLength)}`
      }),
    )
  })
}

async function searchMessages(
  client: Client,
  agentId: string,
  { query, limit }: SearchOptions,
): Promise<Hit[]> {
  const results = await client.letta.messages.search({ agent_id: agentId, query, limit })
  return results.flatMap((result): Hit[] => {
    if (result.message_type !== 'user_message' && result.message_type !== 'assistant_message') {
      return []
    }
    return [
      {
        kind: 'message',
        id: result.message_id,
        role: result.message_type === 'user_message' ? 'user' : 'assistant',
        date: result.created_at,
        text: textOf(result.content),
      },
    ]
  })
}

async function searchPassages(
  client: Client,
  agentId: string,
  { query, limit }: SearchOptions,
): Promise<Hit[]> {
  const answer = await client.letta.agents.passages.search(agentId, { query, top_k: limit })
  return answer.results.map(({ id, content, timestamp }) => {
    return { kind: 'passage', id, role: null, date: timestamp, text: content }
  })
}

async function searchFacts(
  client: Client,
  agentId: string,
  { query, limit }: SearchOptions,
): Promise<Hit[]> {
  const { facts } = await client.facts(agentId).list({ query, limit, history: true })
  return facts.map(({ id, text, valid_from: date, valid_until: until }) => {
    const ended = until === null ? '' : ` (until ${until.slice(0, 10)})`
    return { kind: 'fact', id, role: null, date, text: `${text}${ended}` }
  })
}

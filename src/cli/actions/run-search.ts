import { textOf } from '../../../sdk/src/messages.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { askMemory, type MemoryAnswers, type MemoryResult } from './ask-memory.ts'
import { printExplained, whyNothing } from './explain-search.ts'
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
    const answers = await askMemory({ client, agentId: agent.id, ...options })
    if (options.explain) {
      printExplained(context, answers, options)
      return
    }
    const hits = toHits(answers)
    if (options.json) {
      printJson(context, hits)
      return
    }
    if (hits.length === 0) context.stderr.write(`${whyNothing(answers)}\n`)
    printLines(
      context,
      hits.map(({ kind, role, date, text }) => {
        return `${shortTime(date)}  ${role ?? kind}: ${toOneLine(text, shownLength)}`
      }),
    )
  })
}

function toHits({ messages, passages, facts }: MemoryAnswers): readonly Hit[] {
  return [
    ...messages.results.map(toMessageHit),
    ...passages.results.map(toPassageHit),
    ...facts.results.map(toFactHit),
  ]
}

function toMessageHit(result: MemoryResult): Hit {
  return {
    kind: 'message',
    id: result.message_id ?? null,
    role: result.message_type === 'user_message' ? 'user' : 'assistant',
    date: result.created_at ?? null,
    text: textOf(result.content),
  }
}

function toPassageHit({ passage }: MemoryResult): Hit {
  const { id = null, created_at: date = null, text = '' } = passage ?? {}
  return { kind: 'passage', id, role: null, date, text }
}

function toFactHit({ id, content, created_at: date, valid_until: until }: MemoryResult): Hit {
  const ended = typeof until === 'string' ? ` (until ${until.slice(0, 10)})` : ''
  const text = `${textOf(content)}${ended}`
  return { kind: 'fact', id: id ?? null, role: null, date: date ?? null, text }
}

import { textOf } from '../../../sdk/src/messages.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { type CliError, usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import {
  askMemory,
  type MemoryAnswers,
  type MemoryResult,
  type MemorySearch,
  type SearchedRole,
} from './ask-memory.ts'
import { printExplained, whyNothing } from './explain-search.ts'
import { lastDayIn, printJson, printLines, shortTime } from './print.ts'
import { tellLeftOut, tellPage, tellWordsAlone } from './tell-page.ts'

/** How much of a text is shown on its line. */
const shownLength = 300

/** What `letta search` was asked. */
export interface SearchOptions extends Omit<MemorySearch, 'client' | 'agentId'> {
  readonly agent: string | undefined
  /** Whether to say how each result was found. */
  readonly explain: boolean
  readonly json: boolean
}

/** Something found. */
interface Hit {
  readonly kind: 'message' | 'passage' | 'fact'
  readonly id: string | null
  /** Who said it; null for passages. */
  readonly role: SearchedRole | null
  readonly date: string | null
  readonly text: string
}

/** Searches what was said to and by an agent, its archival memory, and what it knows; best first in each. */
export async function runSearch(context: CliContext, options: SearchOptions): Promise<void> {
  if (options.roles.length > 0 && options.tags.length > 0) throw nothingHasBoth()
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const timezone = agent.timezone ?? 'UTC'
    const answers = await askMemory({ client, agentId: agent.id, ...options })
    if (options.explain) {
      printExplained(context, answers, { ...options, timezone })
      writeNotes(context, [tellPage(answers, options)])
      return
    }
    const hits = toHits(answers, timezone)
    const notes =
      hits.length === 0
        ? [whyNothing(answers)]
        : [...tellWordsAlone(answers), ...tellLeftOut(options)]
    writeNotes(context, [...notes, tellPage(answers, options)])
    if (options.json) {
      printJson(context, hits)
      return
    }
    printLines(
      context,
      hits.map(({ kind, role, date, text }) => {
        return `${shortTime(date, timezone)}  ${role ?? kind}: ${toOneLine(text, shownLength)}`
      }),
    )
  })
}

/** What is no result goes beside them, so that standard output holds results alone. */
function writeNotes(context: CliContext, notes: readonly string[]): void {
  for (const note of notes) if (note !== '') context.stderr.write(`${note}\n`)
}

function nothingHasBoth(): CliError {
  return usageError(
    'Cannot search by --role and --tag at once: messages have a role and no tags, texts of archival memory have tags and no role. Give one of the two.',
  )
}

function toHits({ messages, passages, facts }: MemoryAnswers, timezone: string): readonly Hit[] {
  return [
    ...messages.results.map(toMessageHit),
    ...passages.results.map(toPassageHit),
    ...facts.results.map((result) => toFactHit(result, timezone)),
  ]
}

const rolesOfTypes: Readonly<Record<string, SearchedRole>> = {
  user_message: 'user',
  tool_return_message: 'tool',
}

function toMessageHit(result: MemoryResult): Hit {
  return {
    kind: 'message',
    id: result.message_id ?? null,
    role: rolesOfTypes[result.message_type ?? ''] ?? 'assistant',
    date: result.created_at ?? null,
    text: textOf(result.content),
  }
}

function toPassageHit({ passage }: MemoryResult): Hit {
  const { id = null, created_at: date = null, text = '' } = passage ?? {}
  return { kind: 'passage', id, role: null, date, text }
}

function toFactHit(
  { id, content, created_at: date, valid_until: until }: MemoryResult,
  timezone: string,
): Hit {
  const ended = typeof until === 'string' ? ` (until ${lastDayIn(until, timezone)})` : ''
  const text = `${textOf(content)}${ended}`
  return { kind: 'fact', id: id ?? null, role: null, date: date ?? null, text }
}

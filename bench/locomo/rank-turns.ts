import { messageEntry } from '../../src/memory/search/search-entry.ts'
import { planQuery } from '../../src/memory/search/query-plan.ts'
import { rank } from '../../src/memory/search/rank.ts'
import { TextTable } from '../../src/memory/search/text-table.ts'
import { indexedText } from '../../src/testing/indexed-text.ts'

/** Something that was said in a chat. */
export interface SaidTurn {
  readonly id: string
  readonly role: 'user' | 'assistant'
  /** Null where nobody has a name. */
  readonly name: string | null
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Turns of a session follow each other. */
  readonly session: number
}

/** What ranks the turns of one chat: gives the ids of the first so many, best first. */
export type RankTurns = (query: string, count: number) => readonly string[]

/** Ranks by the product's own analysis, table and formula, all scored, but without a store and without REST. */
export function createRankTurns(turns: readonly SaidTurn[], now: number): RankTurns {
  const table = new TextTable()
  const begins = new Map<number, number>()
  for (const [place, turn] of turns.entries()) {
    const entry = messageEntry(
      {
        ...turn,
        content: [{ type: 'text', text: turn.text }],
        toolCalls: [],
        toolReturns: [],
        searchable: true,
        createdAt: turn.at,
      },
      { timezone: 'UTC' },
    )
    if (entry === null) continue
    const session = begins.get(turn.session) ?? place
    begins.set(turn.session, session)
    table.add(
      indexedText(entry, {
        id: turn.id,
        createdAt: turn.at,
        sequence: place,
        role: turn.role,
        thread: 'chat',
        place,
        session,
      }),
    )
  }
  return (query, count) => {
    const plan = planQuery(query, { now, timezone: 'UTC' })
    const input = { table, hidden: new Set<number>(), passes: () => true, chosenFrom: null }
    return rank(plan, input)
      .best(count)
      .map(({ id }) => id)
  }
}

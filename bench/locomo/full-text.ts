import { analyse, analyseQuery } from '../../src/memory/analysis/analyse.ts'
import type { PlainSearch } from '../search/plain-search.ts'
import type { Chat } from './read-chats.ts'

/** How many turns are looked at, as of the product. */
const hits = 100

/** An engine's own full-text search and ranking, over the stems of each turn and of its speaker's name. */
export interface FullText {
  /** The ids of the turns found, best first. */
  find(chat: Chat, query: string): Promise<readonly string[]>
}

/** Gives each chat a table of its own. */
export async function fillFullText(
  chats: readonly Chat[],
  open: () => Promise<PlainSearch>,
): Promise<FullText & AsyncDisposable> {
  const tables = new Map<string, PlainSearch>()
  for (const chat of chats) {
    const table = await open()
    await table.add(
      chat.turns.map(({ speaker, text }) => toWords(analyse(`${speaker} ${text}`)).join(' ')),
    )
    tables.set(chat.id, table)
  }
  return {
    async find(chat, query) {
      const words = toWords(analyseQuery(query).terms)
      const found = words.length === 0 ? [] : await tables.get(chat.id)?.find(words, hits)
      return (found ?? []).flatMap((number) => chat.turns[number - 1]?.id ?? [])
    },
    async [Symbol.asyncDispose]() {
      for (const table of tables.values()) await table.close()
    },
  }
}

/** Those that the engines' query languages take as they are. */
function toWords(tokens: readonly string[]): readonly string[] {
  return tokens.filter((token) => /^[\p{L}\p{N}]+$/u.test(token))
}

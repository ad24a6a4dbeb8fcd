import { createApp } from '../../src/app/create-app.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { analyseQuery } from '../../src/memory/analysis/analyse.ts'
import { createServer } from '../../src/server/create-server.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { sendJson, type SendRequest } from '../harness/api.ts'
import type { Chat, Turn } from './read-chats.ts'

/** The product on one engine, spoken to by its REST API alone but for the choice of candidates. */
export interface MemoryUnderTest extends AsyncDisposable {
  /** Brings a chat in as an agent of its own; returns how long that took, in milliseconds. */
  bringIn(chat: Chat): Promise<number>
  /** The ids of the turns found, best first. `all`: every turn is scored; `index`: the engine's index chooses. */
  search(chat: Chat, query: string, candidates: 'all' | 'index'): Promise<Found>
  /** The turns that are chosen as candidates, in no order. */
  choose(chat: Chat, query: string, limit: number): Promise<readonly string[]>
}

/** What a search found. */
export interface Found {
  readonly ids: readonly string[]
  /** Whether the product says that something stored matches well. */
  readonly isRelevant: boolean
}

interface SearchBody {
  readonly results: readonly { readonly message_id: string }[]
  readonly explanation: { readonly relevant: boolean } | null
}

/** Opens the product on a data folder or database. */
export async function openMemory(location: string): Promise<MemoryUnderTest> {
  const store = await openStore({ location })
  const app = createApp({
    store,
    models: { providers: [], defaultModel: null, routes: [] },
    secretKey: new Uint8Array(32),
    logger: { error: fail, warn: () => undefined, info: () => undefined, debug: () => undefined },
    version: '0.0.0-bench',
  })
  const server = createServer(app, { access: 'in-process' })
  const send: SendRequest = async (path, init) =>
    await server.fetch(new Request(`http://127.0.0.1${path}`, init))
  const agents = new Map<string, string>()
  const turns = new Map<string, string>()
  const toTurns = (ids: readonly string[]): readonly string[] =>
    ids.flatMap((id) => turns.get(id) ?? [])
  return {
    async bringIn(chat) {
      const agent = (await sendJson(send, '/v1/agents/', { name: chat.id })) as { id: string }
      agents.set(chat.id, agent.id)
      const begun = performance.now()
      await sendJson(send, `/v1/agents/${agent.id}/messages/import`, {
        messages: chat.turns.map((turn) => toMessage(turn)),
      })
      const milliseconds = performance.now() - begun
      const stored = await store.listMessages(defaultScope, {
        agentId: agent.id,
        limit: 100_000,
        order: 'asc',
      })
      for (const { id, otid } of stored) turns.set(id, otid)
      return milliseconds
    },
    async search(chat, query, candidates) {
      const body = (await sendJson(send, '/v1/messages/search', {
        query,
        agent_id: agents.get(chat.id),
        limit: 100,
        explain: true,
        complete_up_to: candidates === 'all' ? 20_000 : 0,
      })) as SearchBody
      return {
        ids: toTurns(body.results.map((result) => result.message_id)),
        isRelevant: body.explanation?.relevant === true,
      }
    },
    async choose(chat, query, limit) {
      const { documents } = await store.searchMessages(defaultScope, {
        agentId: agents.get(chat.id) ?? '',
        terms: analyseQuery(query).terms,
        roles: ['user', 'assistant'],
        from: null,
        until: null,
        excludeIds: [],
        limit,
      })
      return toTurns(documents.map(({ id }) => id))
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

function toMessage(turn: Turn): object {
  return {
    role: 'user',
    name: turn.speaker,
    content: turn.text,
    created_at: new Date(turn.at).toISOString(),
    otid: turn.id,
    session: `session ${turn.session}`,
  }
}

function fail(message: unknown): never {
  throw new Error(`the product logged an error: ${String(message)}`)
}

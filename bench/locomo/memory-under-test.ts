import { createApp } from '../../src/app/create-app.ts'
import { newJob } from '../../src/domain/job.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { createEmbedKind, embedJobKind } from '../../src/jobs/kinds/embed.ts'
import type { EmbedderSource } from '../../src/llm/embedder.ts'
import { analyseQuery } from '../../src/memory/analysis/analyse.ts'
import { renderRecall } from '../../src/context/recall-text.ts'
import { countTokens } from '../../src/llm/count-tokens.ts'
import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import { createTextMemory } from '../../src/memory/search/text-memory.ts'
import { chooseShown, createJudge, judge, judgedMessages } from '../../src/runtime/recall-judge.ts'
import { defaultRuntimeSettings } from '../../src/runtime/runtime-parts.ts'
import { createServer } from '../../src/server/create-server.ts'
import { openStore } from '../../src/storage/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { systemClock } from '../../src/util/clock.ts'
import { sendJson, type SendRequest } from '../harness/api.ts'
import type { Chat, Turn } from './read-chats.ts'

/** The product on one engine, spoken to by its REST API alone but for the choice of candidates. */
export interface MemoryUnderTest extends AsyncDisposable {
  /** Brings a chat in as an agent of its own; returns how long that took, in milliseconds. */
  bringIn(chat: Chat): Promise<number>
  /** The ids of the turns found, best first. `all`: every turn is scored; `index`: the engine's index chooses. */
  search(chat: Chat, query: string, candidates: 'all' | 'index'): Promise<Found>
  /** What automatic recall would show of the chat for these words, had all of it left the view. */
  recall(chat: Chat, words: string): Promise<Recalled>
  /** The turns that are chosen as candidates, in no order. */
  choose(chat: Chat, query: string, limit: number): Promise<readonly string[]>
}

/** What a search found. */
export interface Found {
  readonly ids: readonly string[]
  /** Whether the product says that something stored matches well. */
  readonly isRelevant: boolean
  /** What the nearest text gained by its vector; 0 without vectors. */
  readonly denseWeight: number
  /** Why vectors were not compared; null where they were, or where there are none. */
  readonly denseFailure: string | null
}

/** What automatic recall shows. */
export interface Recalled {
  readonly ids: readonly string[]
  readonly tokens: number
}

interface SearchBody {
  readonly results: readonly { readonly message_id: string }[]
  readonly explanation: {
    readonly relevant: boolean
    readonly dense: { readonly weight: number; readonly failure: string | null } | null
  } | null
}

/** An embedder that is plugged in. */
export interface PluggedIn {
  readonly handle: string
  readonly embedders: EmbedderSource
}

/** As `src/runtime/recall.ts` looks up messages. */
const recallQuery = {
  roles: ['user', 'assistant'],
  from: null,
  until: null,
  excludeIds: [],
  limit: 50,
  distinct: true,
} as const

/** The most tokens of an extract, as the product has them by default. */
const recallBudget = defaultRuntimeSettings.recallTokens

/** Opens the product on a data folder or database, with an embedder that makes the vectors of what is brought in. */
export async function openMemory(location: string, plugged?: PluggedIn): Promise<MemoryUnderTest> {
  const store = await openStore({ location })
  const app = createApp({
    store,
    ...(plugged !== undefined && { embedders: plugged.embedders }),
    models: { providers: [], defaultModel: null, routes: [] },
    secretKey: new Uint8Array(32),
    logger: { error: fail, warn: () => undefined, info: () => undefined, debug: () => undefined },
    version: '0.0.0-bench',
  })
  const server = createServer(app, { access: 'in-process' })
  const send: SendRequest = async (path, init) =>
    await server.fetch(new Request(`http://127.0.0.1${path}`, init))
  const texts = createTextMemory()
  const agents = new Map<string, string>()
  const turns = new Map<string, string>()
  const toTurns = (ids: readonly string[]): readonly string[] =>
    ids.flatMap((id) => turns.get(id) ?? [])
  return {
    async bringIn(chat) {
      const agent = (await sendJson(send, '/v1/agents/', {
        name: chat.id,
        ...(plugged !== undefined && { embedding: plugged.handle }),
      })) as { id: string }
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
      if (plugged !== undefined) await embedAll(store, plugged)
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
        denseWeight: body.explanation?.dense?.weight ?? 0,
        denseFailure: body.explanation?.dense?.failure ?? null,
      }
    },
    async recall(chat, words) {
      const search = createAgentSearch({
        store,
        scope: defaultScope,
        agentId: agents.get(chat.id) ?? '',
        timezone: 'UTC',
        now: systemClock.now(),
        texts,
      })
      const answer = await search.messages({ ...recallQuery, text: words })
      const hits = judge(answer, createJudge(words, new Map()), judgedMessages)
      const place = { budget: recallBudget, timezone: 'UTC' }
      const extract = renderRecall(chooseShown(hits), place)
      return {
        ids: toTurns(extract?.sources ?? []),
        tokens: extract === null ? 0 : countTokens(extract.text),
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

/** Does the work of the job that makes vectors, until every text has one. */
async function embedAll(store: Store, { embedders }: PluggedIn): Promise<void> {
  const at = systemClock.now()
  const kind = createEmbedKind({ store, clock: systemClock, embedders })
  const job = newJob({
    id: 'job-bench',
    tenantId: defaultScope.tenantId,
    lane: '',
    kind: embedJobKind,
    payload: {},
    maxAttempts: 1,
    at,
  })
  await kind.run(job, new AbortController().signal)
  const { items } = await store.findWithoutVectors(defaultScope, { limit: 1 })
  if (items.length > 0) throw new Error('Cannot measure: some texts have no vector.')
}

function toMessage(turn: Turn): object {
  return {
    role: turn.role ?? 'user',
    ...(turn.speaker !== '' && { name: turn.speaker }),
    content: turn.text,
    created_at: new Date(turn.at).toISOString(),
    otid: turn.id,
    session: `session ${turn.session}`,
  }
}

function fail(message: unknown): never {
  throw new Error(`the product logged an error: ${String(message)}`)
}

import type { Passage } from '../domain/archive.ts'
import type { Message } from '../domain/message.ts'
import { defaultScope } from '../domain/scope.ts'
import type { AgentSearch } from '../memory/search/agent-search.ts'
import { createAgentSearch } from '../memory/search/create-agent-search.ts'
import { messageEntry, passageEntry } from '../memory/search/search-entry.ts'
import { openMemoryStore } from './open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { createNumberedIds } from './numbered-ids.ts'
import { sampleAgent, sampleConversation, sampleMessage, sampleTime } from './samples.ts'

/** Something said: its text and what differs from a user's message at the sample time. */
export type Said = readonly [text: string, given?: Partial<Message>]

/** A text kept in archival memory: its text, tags and, if need be, time. */
export type Kept = readonly [text: string, tags: readonly string[], createdAt?: number]

/** A store in memory with an agent that remembers; dispose of it with `await using`. */
export interface RecallFixture extends AsyncDisposable {
  readonly store: Store
  readonly search: AgentSearch
  /** What was said, as stored. */
  readonly messages: readonly Message[]
}

/** Stores an agent that has said these things, in this order, and kept these texts. */
export async function createRecall(
  said: readonly Said[],
  kept: readonly Kept[] = [],
): Promise<RecallFixture> {
  const ids = createNumberedIds()
  const agent = sampleAgent()
  const store = await openMemoryStore()
  const messages = said.map(([text, given = {}]) =>
    sampleMessage({
      id: `message-${ids.uuid()}`,
      otid: ids.uuid(),
      content: [{ type: 'text', text }],
      ...given,
    }),
  )
  await store.createAgent(defaultScope, {
    agent,
    newBlocks: [],
    conversation: sampleConversation(),
    messages: messages.map((message) => ({ message, entry: messageEntry(message, agent) })),
    cause: { actor: { kind: 'system', id: 'test' }, reason: 'test', sourceMessageIds: [] },
  })
  if (kept.length > 0) await keep(store, kept)
  return {
    store,
    messages,
    search: createAgentSearch({
      store,
      scope: defaultScope,
      agentId: agent.id,
      now: sampleTime,
      timezone: agent.timezone,
    }),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

async function keep(store: Store, kept: readonly Kept[]): Promise<void> {
  const ids = createNumberedIds()
  const archive = {
    id: `archive-${ids.uuid()}`,
    name: 'Archive',
    description: null,
    metadata: {},
    embedding: null,
    createdAt: sampleTime,
    updatedAt: sampleTime,
    createdById: null,
  }
  await store.createPassages(defaultScope, {
    agent: { agentId: sampleAgent().id, archive },
    passages: kept.map(([text, tags, createdAt = sampleTime]) => {
      const passage: Passage = {
        id: `passage-${ids.uuid()}`,
        archiveId: archive.id,
        text,
        tags,
        metadata: {},
        origin: 'agent',
        sourceMessageIds: [],
        createdAt,
        updatedAt: createdAt,
        createdById: null,
      }
      return { passage, entry: passageEntry(passage, sampleAgent()) }
    }),
    at: sampleTime,
  })
}

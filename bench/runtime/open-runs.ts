import { randomUUID } from 'node:crypto'
import { newIdentifier } from '../../src/domain/identifier.ts'
import { defaultScope, systemScope } from '../../src/domain/scope.ts'
import { messageEntry } from '../../src/memory/search/search-entry.ts'
import { openStore } from '../../src/storage/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import {
  sampleAgent,
  sampleConversation,
  sampleMessage,
  sampleRun,
  sampleTurn,
  sampleTurnOptions,
} from '../../src/testing/samples.ts'
import { randomIds } from '../../src/util/id-source.ts'

/** How many conversations share a commit: each alone would wait for the disk three times. */
const together = 50

/** Accepts one message in each of many conversations, as a server that died right then would leave them. */
export async function storeOpenRuns(home: string, count: number): Promise<void> {
  await using store = await openStoreIn(home)
  const agentId = await storeAgent(store)
  for (let begun = 0; begun < count; begun += together) {
    const size = Math.min(together, count - begun)
    const ids = await Promise.all(
      Array.from({ length: size }, () => storeConversation(store, agentId)),
    )
    await Promise.all(
      ids.map((conversationId) => acceptMessage(store, { agentId, conversationId })),
    )
  }
}

/** Pauses every conversation that has a run, so that their runs rest. */
export async function pauseOpenRuns(home: string): Promise<void> {
  await using store = await openStoreIn(home)
  const open = await store.listOpenWork(systemScope, { at: Date.now(), limit: 1_000_000 })
  for (let begun = 0; begun < open.length; begun += together) {
    await Promise.all(
      open
        .slice(begun, begun + together)
        .map(({ scope, conversationId }) =>
          store.pauseConversation(scope, { id: conversationId, now: false, at: Date.now() }),
        ),
    )
  }
}

async function openStoreIn(home: string): Promise<Store & AsyncDisposable> {
  const store = await openStore({ location: home, host: 'inline' })
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}

const cause = {
  actor: { kind: 'user', id: defaultScope.userId },
  reason: 'bench',
  sourceMessageIds: [],
} as const

async function storeAgent(store: Store): Promise<string> {
  const agentId = newIdentifier(randomIds, 'agent')
  const conversationId = `conv-${agentId}`
  const system = toSystem(agentId, conversationId)
  await store.createAgent(defaultScope, {
    agent: sampleAgent({ id: agentId, model: 'openai/gpt-4o-mini' }),
    newBlocks: [],
    conversation: sampleConversation({ id: conversationId, agentId, systemMessageId: system.id }),
    messages: [{ message: system, entry: null }],
    cause,
  })
  return agentId
}

async function storeConversation(store: Store, agentId: string): Promise<string> {
  const id = newIdentifier(randomIds, 'conversation')
  const system = toSystem(agentId, id)
  const fields = { id, agentId, isDefault: false, systemMessageId: system.id }
  await store.createConversation(defaultScope, {
    conversation: sampleConversation(fields),
    messages: [{ message: system, entry: null }],
  })
  return id
}

function toSystem(agentId: string, conversationId: string) {
  return sampleMessage({
    id: newIdentifier(randomIds, 'message'),
    agentId,
    conversationId,
    role: 'system',
    otid: randomUUID(),
    searchable: false,
  })
}

async function acceptMessage(
  store: Store,
  place: { readonly agentId: string; readonly conversationId: string },
): Promise<void> {
  const at = Date.now()
  const turnId = newIdentifier(randomIds, 'turn')
  const runId = newIdentifier(randomIds, 'run')
  const metadata = { run_type: 'send_message', turn_id: turnId }
  const message = sampleMessage({
    ...place,
    id: newIdentifier(randomIds, 'message'),
    otid: randomUUID(),
    runId,
    createdAt: at,
  })
  await store.acceptInput(defaultScope, {
    conversationId: place.conversationId,
    messages: [{ message, entry: messageEntry(message, { timezone: 'UTC' }) }],
    turn: sampleTurn({
      ...place,
      id: turnId,
      state: 'queued',
      options: sampleTurnOptions,
      createdAt: at,
    }),
    run: sampleRun({ ...place, id: runId, turnId, status: 'created', metadata, createdAt: at }),
    clientOtids: [],
    requestHash: null,
    retryOf: null,
    rejectBusy: false,
    at,
  })
}

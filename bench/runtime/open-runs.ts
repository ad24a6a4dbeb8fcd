import { randomUUID } from 'node:crypto'
import { newIdentifier } from '../../src/domain/identifier.ts'
import { defaultScope } from '../../src/domain/scope.ts'
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

/** What is put into a new data folder before a server opens it. */
export interface OpenRuns {
  readonly count: number
  /** Whether the conversations are paused, so that their runs rest. */
  readonly paused: boolean
}

/** Accepts one message in each of many conversations, as a server that died right then would leave them. */
export async function storeOpenRuns(home: string, { count, paused }: OpenRuns): Promise<void> {
  const store = await openStore({ location: home, host: 'inline' })
  try {
    const agentId = await storeAgent(store)
    for (let index = 0; index < count; index += 1) {
      const conversationId = await storeConversation(store, agentId)
      await acceptMessage(store, { agentId, conversationId })
      if (paused) {
        const at = Date.now()
        await store.pauseConversation(defaultScope, { id: conversationId, now: false, at })
      }
    }
  } finally {
    await store.close()
  }
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

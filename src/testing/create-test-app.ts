import type { Agent } from '../domain/agent.ts'
import type { Block } from '../domain/block.ts'
import { defaultConversationId, newIdentifier } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import type { App } from '../app/app.ts'
import { createApp, type AppOptions } from '../app/create-app.ts'
import type { MessageInput, RunFrame, Submission, SubmitRequest } from '../runtime/runtime.ts'
import { openMemoryStore } from './open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { toolId } from '../tools/registry.ts'
import type { LanguageModel } from '../llm/model.ts'
import type { ModelSettings } from '../llm/model-settings.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { createNumberedIds } from './numbered-ids.ts'
import { sampleAgent, sampleBlock, sampleConversation, sampleMessage } from './samples.ts'
import {
  createScriptedModel,
  createScriptedModelSource,
  type ScriptedStep,
} from './scripted-model.ts'
import { trackCalls } from './track-calls.ts'

/** How a {@link TestApp} is made. */
export interface TestAppOptions extends Partial<Omit<AppOptions, 'clock' | 'models' | 'store'>> {
  /** What the model answers, call by call; an unplanned call fails the turn's process. */
  readonly script?: readonly ScriptedStep[]
  /** Models in place of the scripted one (`letta/auto` stands for the first), or settings for real ones. */
  readonly models?: readonly LanguageModel[] | ModelSettings
  /** Default: a new store in memory. */
  readonly store?: Store
  /** Default: one of its own. */
  readonly clock?: FakeClock
  /** What its own clock begins at. */
  readonly startAt?: number
}

/** A whole app on a store in memory, with a scripted model and a clock that stands still. */
export interface TestApp extends AsyncDisposable {
  readonly app: App
  readonly clock: FakeClock
  /** The scripted model; records what it was asked. */
  readonly model: ReturnType<typeof createScriptedModel>
  /** Stores an agent with all built-in tools and one block, ready to be talked to. */
  createAgent(given?: Partial<Agent>, blocks?: readonly Block[]): Promise<Agent>
  /** Submits a user's text to an agent's default conversation. */
  say(agent: Agent, text: string, request?: Partial<SubmitRequest>): Promise<Submission>
  /** The frames of a run up to its end. */
  frames(runId: string, after?: number): Promise<readonly RunFrame[]>
  /** Submits a text and follows the run to its end. */
  ask(agent: Agent, text: string, request?: Partial<SubmitRequest>): Promise<readonly RunFrame[]>
}

/** Tools that an agent of a {@link TestApp} has. */
const testTools = [
  'core_memory_append',
  'core_memory_replace',
  'memory_insert',
  'memory_replace',
  'memory_rethink',
  'archival_memory_insert',
  'archival_memory_search',
  'conversation_search',
]

/** Makes a {@link TestApp}; dispose of it with `await using`. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const tracked = trackCalls(options.store ?? (await openMemoryStore()))
  const { startAt: start } = options
  const clock =
    options.clock ??
    createFakeClock({ settled: tracked.settled, ...(start !== undefined && { start }) })
  const ids = options.ids ?? createNumberedIds()
  const model = createScriptedModel({ steps: options.script ?? [], clock })
  const app = createApp({
    secretKey: new Uint8Array(32),
    logger: silentLogger,
    version: '0.0.0-test',
    ...options,
    clock,
    ids,
    store: tracked.store,
    models: toModels(options.models ?? [model]),
  })
  async function say(
    agent: Agent,
    text: string,
    request: Partial<SubmitRequest> = {},
  ): Promise<Submission> {
    return await app.runtime.submit(defaultScope, { ...submission(agent, text), ...request })
  }
  async function frames(runId: string, after = 0): Promise<readonly RunFrame[]> {
    const collected: RunFrame[] = []
    for await (const frame of app.runtime.follow(defaultScope, { runId, after }))
      collected.push(frame)
    return collected
  }
  return {
    app,
    clock,
    model,
    createAgent: (given, blocks) => storeAgent(app, given, blocks),
    say,
    frames,
    async ask(agent, text, request) {
      const { run } = await say(agent, text, request)
      return await frames(run.id)
    },
    async [Symbol.asyncDispose]() {
      await app.close()
    },
  }
}

function toModels(models: readonly LanguageModel[] | ModelSettings): AppOptions['models'] {
  return 'providers' in models ? models : createScriptedModelSource(...models)
}

/** One user message as an input. */
export function userInput(text: string, otid: string | null = null): MessageInput {
  return {
    role: 'user',
    content: [{ type: 'text', text }],
    name: null,
    otid,
    senderId: null,
    groupId: null,
  }
}

/** A logger that drops everything. */
export const silentLogger: AppOptions['logger'] = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

function submission(agent: Agent, text: string): SubmitRequest {
  return {
    conversationId: defaultConversationId(agent.id),
    messages: [userInput(text)],
    options: {},
    runType: 'send_message',
    background: false,
    callbackUrl: null,
    requestConfig: {},
    requestHash: null,
    isRetry: false,
    rejectBusy: false,
  }
}

async function storeAgent(
  app: App,
  given: Partial<Agent> = {},
  blocks: readonly Block[] = [sampleBlock({ id: newIdentifier(app.ids, 'block') })],
): Promise<Agent> {
  const now = app.clock.now()
  const id = newIdentifier(app.ids, 'agent')
  const agent = sampleAgent({
    id,
    model: 'letta/auto',
    toolIds: testTools.map(toolId),
    blockIds: blocks.map((block) => block.id),
    createdAt: now,
    updatedAt: now,
    ...given,
  })
  const conversationId = defaultConversationId(id)
  const systemMessageId = newIdentifier(app.ids, 'message')
  const system = sampleMessage({
    id: systemMessageId,
    agentId: id,
    conversationId,
    role: 'system',
    content: [{ type: 'text', text: agent.system }],
    otid: app.ids.uuid(),
    searchable: false,
  })
  return await app.store.createAgent(defaultScope, {
    agent,
    newBlocks: blocks,
    conversation: sampleConversation({ id: conversationId, agentId: id, systemMessageId }),
    messages: [{ message: system, entry: null }],
    cause: {
      actor: { kind: 'user', id: defaultScope.userId },
      reason: 'test',
      sourceMessageIds: [],
    },
  })
}

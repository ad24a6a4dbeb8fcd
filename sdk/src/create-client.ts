import { Letta } from '@letta-ai/letta-client'
import {
  type CreateAgentOptions,
  type GetOrCreateAgentOptions,
  toAgentRequest,
} from './agent-options.ts'
import {
  type AnswerOptions,
  decide,
  type DenyOptions,
  giveReturns,
  listPendingCalls,
  type ReturnToolsOptions,
} from './answer-calls.ts'
import {
  type BackgroundJob,
  type BackgroundJobFilter,
  listBackgroundJobs,
  readBackgroundJob,
  removeBackgroundJob,
  retryBackgroundJob,
} from './background-jobs.ts'
import {
  readContext,
  readSentContext,
  type ContextOverview,
  type SentContext,
} from './read-context.ts'
import type { Agent, Client } from './client.ts'
import { connect, type ClientMode, type Connection } from './connection.ts'
import { resolveDataFolder } from './data-folder.ts'
import type { OpenEmbedded } from './embedded.ts'
import { readClientEnvironment } from './environment.ts'
import { LettaError, toLettaError } from './errors.ts'
import { type AgentFacts, createAgentFacts } from './facts.ts'
import { type AgentDocuments, createAgentDocuments } from './documents.ts'
import { type AgentSearch, createAgentSearch } from './search.ts'
import {
  type AgentVectors,
  createAgentVectors,
  type EmbeddingProgress,
  readEmbeddingProgress,
  rebuildEmbeddings,
} from './vectors.ts'
import { createForgetting, type Forgetting } from './forgetting.ts'
import { type AgentMemory, createAgentMemory } from './memory.ts'
import type { StreamEvent, UserMessageResponse } from './messages.ts'
import type { PendingCall } from './pending-calls.ts'
import {
  compactConversation,
  type Compaction,
  type CompactOptions,
} from './compact-conversation.ts'
import {
  isConversationPaused,
  pauseConversation,
  type PlaceOptions,
  resumeConversation,
  sendSignal,
  type SignalOptions,
} from './rest-conversation.ts'
import {
  changeSchedule,
  createSchedule,
  listSchedules,
  readSchedule,
  removeSchedule,
  type Schedule,
  type ScheduleFilter,
  type ScheduleOptions,
} from './schedules.ts'
import { followRun, streamAnswer, streamMessage, submitMessage, watchRun } from './send-message.ts'
import type { FollowOptions, UserMessageOptions, WatchOptions } from './turn-options.ts'

/** How to reach agents. Everything is optional. */
export interface ClientOptions {
  /**
   * `embedded`: in this process. `http`: through a server. Default: through the server at `baseUrl`, else through the
   * one that runs on the data folder, else in this process.
   */
  readonly mode?: ClientMode | undefined
  /** The address of a server. Default: `LETTA_BASE_URL`. */
  readonly baseUrl?: string | undefined
  /** The key to send to a server. Default: `LETTA_API_KEY`. */
  readonly apiKey?: string | undefined
  /** The data folder. Default: `LETTA_HOME`, else the platform's folder for `letta-ts`. */
  readonly home?: string | undefined
  /** What sends requests to a server. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Opens the product in this process. Default: the installed package `letta-ts`. */
  readonly openEmbedded?: OpenEmbedded | undefined
}

/** Stands where the server's address belongs until the connection is made. */
const placeholderUrl = 'http://letta.invalid'

/** Every option there is, so that one that is misspelt, such as the official client's `baseURL`, is not passed over. */
const knownOptions: Readonly<Record<keyof ClientOptions, true>> = {
  mode: true,
  baseUrl: true,
  apiKey: true,
  home: true,
  fetch: true,
  openEmbedded: true,
}

/**
 * A client; nothing is opened, read or sent before the first request.
 *
 * @throws LettaError `invalid_argument` for an option or a mode that does not exist.
 */
export function createClient(options: ClientOptions = {}): Client {
  demandKnown(options)
  const environment = readClientEnvironment()
  const mode = options.mode ?? null
  const baseUrl = mode === 'embedded' ? null : (options.baseUrl ?? environment.baseUrl)
  return new LazyClient({
    mode: mode ?? (baseUrl === null ? null : 'http'),
    baseUrl,
    apiKey: options.apiKey ?? environment.apiKey,
    dataFolder: resolveDataFolder(options.home ?? environment.home),
    fetch: options.fetch ?? fetch,
    openEmbedded: options.openEmbedded ?? null,
  })
}

function demandKnown(options: ClientOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(knownOptions, name))
  if (unknown !== undefined) {
    throw new LettaError(
      'invalid_argument',
      `Cannot create the client: there is no option ${unknown}. Use some of: ${Object.keys(knownOptions).join(', ')}.`,
    )
  }
  const mode: string | undefined = options.mode
  if (mode === undefined || mode === 'embedded' || mode === 'http') return
  throw new LettaError(
    'invalid_argument',
    `Cannot create the client: the mode ${JSON.stringify(mode)} does not exist. Use one of: embedded, http.`,
  )
}

class LazyClient implements Client {
  readonly letta: Letta
  readonly #options: Parameters<typeof connect>[0]
  #connecting: Promise<Connection> | null = null
  #connection: Connection | null = null
  #isClosed = false

  constructor(options: Parameters<typeof connect>[0]) {
    this.#options = options
    this.letta = new Letta({
      baseURL: placeholderUrl,
      apiKey: null,
      logLevel: 'off',
      fetch: (input, init) => this.#fetch(input, init),
    })
  }

  get mode(): ClientMode | null {
    return this.#connection?.mode ?? this.#options.mode
  }

  get dataPath(): string | null {
    if (this.#connection !== null) return this.#connection.dataPath
    return this.#options.baseUrl === null ? this.#options.dataFolder : null
  }

  connect(): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(closedError())
    this.#connecting ??= this.#open()
    return this.#connecting
  }

  async createAgent(options: CreateAgentOptions): Promise<Agent> {
    const request = toAgentRequest(options)
    return translate(this.letta.agents.create(request))
  }

  async getOrCreateAgent(options: GetOrCreateAgentOptions): Promise<Agent> {
    const { agents } = this.letta
    const request = toAgentRequest(options)
    const by = options.by ?? 'name'
    const { name, tags = [] } = request
    const alike = by === 'name' ? { name } : { tags, match_all_tags: true }
    const page = await translate(agents.list({ ...alike, limit: 1, order: 'asc' }))
    // Somebody may make one between the two requests: the server looks again as it stores this one.
    const orCreate = { ...request, get_or_create_by: by }
    return page.items[0] ?? translate(agents.create(orCreate))
  }

  memory(agentId: string): AgentMemory {
    return createAgentMemory(this.letta, agentId)
  }

  facts(agentId: string): AgentFacts {
    return createAgentFacts(this.letta, agentId)
  }

  documents(agentId: string): AgentDocuments {
    return createAgentDocuments(this.letta, agentId)
  }

  search(agentId: string): AgentSearch {
    return createAgentSearch(this.letta, agentId)
  }

  vectors(agentId: string): AgentVectors {
    return createAgentVectors(this.letta, agentId)
  }

  forgetting(): Forgetting {
    return createForgetting(this.letta)
  }

  async userMessage(options: UserMessageOptions): Promise<UserMessageResponse> {
    const events = streamMessage(this.letta, options)
    let next = await events.next()
    while (next.done !== true) next = await events.next()
    return next.value
  }

  streamMessage(options: UserMessageOptions): AsyncIterable<StreamEvent> {
    return streamMessage(this.letta, options)
  }

  submitMessage(options: UserMessageOptions): Promise<string> {
    return submitMessage(this.letta, options)
  }

  async *retry(options: FollowOptions): AsyncIterable<StreamEvent> {
    const { runId, signal, onFrame } = options
    const run = await translate(this.letta.post(`/v1/runs/${runId}/retry`, { signal }))
    yield* followRun(this.letta, { runId: identifierOf(run) ?? runId, signal, onFrame })
  }

  approve(options: AnswerOptions): AsyncIterable<StreamEvent> {
    return streamAnswer(this.letta, { ...options, answering: decide(true) })
  }

  deny(options: DenyOptions): AsyncIterable<StreamEvent> {
    return streamAnswer(this.letta, { ...options, answering: decide(false, options.reason) })
  }

  returnTools(options: ReturnToolsOptions): AsyncIterable<StreamEvent> {
    return streamAnswer(this.letta, { ...options, answering: giveReturns(options.returns) })
  }

  async pendingCalls({ runId }: { readonly runId: string }): Promise<readonly PendingCall[]> {
    return await translate(listPendingCalls(this.letta, runId))
  }

  follow(options: FollowOptions): AsyncIterable<StreamEvent> {
    return followRun(this.letta, options)
  }

  watch(options: WatchOptions): AsyncIterable<StreamEvent> {
    return watchRun(this.letta, options)
  }

  schedule(options: ScheduleOptions): Promise<Schedule> {
    return createSchedule(this.letta, options)
  }

  listSchedules(filter: ScheduleFilter = {}): Promise<readonly Schedule[]> {
    return listSchedules(this.letta, filter)
  }

  getSchedule({ scheduleId }: { readonly scheduleId: string }): Promise<Schedule> {
    return readSchedule(this.letta, scheduleId)
  }

  pauseSchedule({ scheduleId }: { readonly scheduleId: string }): Promise<Schedule> {
    return changeSchedule(this.letta, scheduleId, 'pause')
  }

  resumeSchedule({ scheduleId }: { readonly scheduleId: string }): Promise<Schedule> {
    return changeSchedule(this.letta, scheduleId, 'resume')
  }

  removeSchedule({ scheduleId }: { readonly scheduleId: string }): Promise<void> {
    return removeSchedule(this.letta, scheduleId)
  }

  embeddingProgress(): Promise<readonly EmbeddingProgress[]> {
    return readEmbeddingProgress(this.letta)
  }

  rebuildEmbeddings({ model }: { readonly model: string }): Promise<number> {
    return rebuildEmbeddings(this.letta, model)
  }

  listBackgroundJobs(filter: BackgroundJobFilter = {}): Promise<readonly BackgroundJob[]> {
    return listBackgroundJobs(this.letta, filter)
  }

  getBackgroundJob({ jobId }: { readonly jobId: string }): Promise<BackgroundJob> {
    return readBackgroundJob(this.letta, jobId)
  }

  retryBackgroundJob({ jobId }: { readonly jobId: string }): Promise<BackgroundJob> {
    return retryBackgroundJob(this.letta, jobId)
  }

  removeBackgroundJob({ jobId }: { readonly jobId: string }): Promise<void> {
    return removeBackgroundJob(this.letta, jobId)
  }

  async cancel({ runId }: { readonly runId: string }): Promise<boolean> {
    const { agent_id: agentId } = await translate(this.letta.runs.retrieve(runId))
    const results = await translate(
      this.letta.agents.messages.cancel(agentId, { run_ids: [runId] }),
    )
    return results[runId] === 'cancelled'
  }

  pause(options: PlaceOptions & { readonly now?: boolean | undefined }): Promise<boolean> {
    return translate(pauseConversation(this.letta, options))
  }

  isPaused(options: PlaceOptions): Promise<boolean> {
    return translate(isConversationPaused(this.letta, options))
  }

  resume(options: PlaceOptions): Promise<void> {
    return translate(resumeConversation(this.letta, options))
  }

  signal(options: SignalOptions): Promise<string | null> {
    return translate(sendSignal(this.letta, options))
  }

  context(options: PlaceOptions): Promise<ContextOverview> {
    return translate(readContext(this.letta, options))
  }

  sentContext(options: PlaceOptions): Promise<SentContext> {
    return translate(readSentContext(this.letta, options))
  }

  compact(options: CompactOptions): Promise<Compaction> {
    return translate(compactConversation(this.letta, options))
  }

  async recover(options: { readonly conversationId: string }): Promise<number> {
    const connection = await this.connect()
    return connection.recover(options)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const connection = await this.#connecting?.catch(() => null)
    await connection?.close()
  }

  async #open(): Promise<Connection> {
    try {
      this.#connection = await connect(this.#options)
      return this.#connection
    } catch (error) {
      // The next request looks again: a server may have been started meanwhile.
      this.#connecting = null
      throw error
    }
  }

  async #fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const url = input instanceof Request ? input.url : String(input)
    let connection: Connection
    try {
      connection = await this.connect()
    } catch (error) {
      return toResponse(error)
    }
    return connection.fetch(url.slice(placeholderUrl.length), init)
  }
}

async function translate<Result>(request: Promise<Result>): Promise<Result> {
  try {
    return await request
  } catch (error) {
    throw toLettaError(error)
  }
}

/** A failure to connect as a reply, so that the official client neither tries again nor hides the sentence. */
function toResponse(error: unknown): Response {
  const failure = error instanceof LettaError ? error : describeOpening(error)
  return Response.json(
    { detail: failure.message, code: failure.code },
    { status: 503, headers: { 'x-should-retry': 'false' } },
  )
}

/** The product's own errors carry a code. */
function describeOpening(error: unknown): LettaError {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  const code = hasCode ? String(error.code) : 'internal'
  return new LettaError(code, error instanceof Error ? error.message : String(error))
}

function closedError(): LettaError {
  return new LettaError(
    'client_closed',
    'Cannot send a request: the client is closed. Create another one.',
  )
}

function identifierOf(run: unknown): string | null {
  if (typeof run !== 'object' || run === null || !('id' in run)) return null
  return typeof run.id === 'string' ? run.id : null
}

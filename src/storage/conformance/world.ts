import { randomUUID } from 'node:crypto'
import type { NewAgent } from '../contract/agent-store.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { Block, ChangeCause } from '../../domain/block.ts'
import type { Conversation, MessageItem } from '../../domain/conversation.ts'
import { defaultConversationId, newIdentifier, uuidOf } from '../../domain/identifier.ts'
import type { Message } from '../../domain/message.ts'
import type { RunEventBody } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { randomIds } from '../../util/id-source.ts'
import type { JsonObject } from '../../util/json.ts'
import type { CompactionCommit } from '../contract/compaction-store.ts'
import { emptyWrite, type MemoryWrite } from '../contract/memory-store.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { SearchEntry } from '../contract/search-entry.ts'
import type {
  AcceptInput,
  AcceptResult,
  CommitResult,
  LeaseProof,
  StepCommit,
  ToolCommit,
  TurnEnd,
  TurnWork,
} from '../contract/turn-store.ts'
import type { Store } from '../store.ts'
import { newScope } from './new-scope.ts'
import {
  sampleAgent,
  sampleArchive,
  sampleBlock,
  sampleConversation,
  sampleMessage,
  samplePassage,
  sampleRun,
  sampleStep,
  sampleSummaryFacts,
  sampleTurn,
} from './samples.ts'

/** Cuts a text into the tokens that the suite indexes: words in small letters. */
export function toTokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** An entry of a text by an unknown speaker at no time. */
export function toEntry(tokens: readonly string[], given: Partial<SearchEntry> = {}): SearchEntry {
  return {
    tokens,
    speaker: [],
    dates: [],
    wordCount: tokens.length,
    isQuestion: false,
    isTemporal: false,
    listenerShare: 0,
    session: null,
    ...given,
  }
}

/** One tenant of its own on a store that others may use at the same time, with short ways to fill it. */
export class World {
  readonly store: Store
  readonly scope: TenantScope
  readonly cause: ChangeCause
  #now = Date.UTC(2026, 10, 22)

  /** `scope` is that of a tenant that exists already. Default: a new one. */
  constructor(store: Store, scope: TenantScope = newScope()) {
    this.store = store
    this.scope = scope
    this.cause = { actor: { kind: 'user', id: scope.userId }, reason: 'test', sourceMessageIds: [] }
  }

  /** A time one second after the last one. */
  at(): number {
    this.#now += 1000
    return this.#now
  }

  /** A new identifier. */
  id(kind: Parameters<typeof newIdentifier>[1]): string {
    return newIdentifier(randomIds, kind)
  }

  /** The scope of a caller who may see only these agents. */
  limitedTo(...agentIds: readonly string[]): TenantScope {
    return { ...this.scope, agentIds }
  }

  /** A message on its way into the store. */
  message(agent: Pick<Agent, 'id'>, text: string, given: Partial<Message> = {}): NewMessage {
    const message = sampleMessage({
      id: this.id('message'),
      agentId: agent.id,
      conversationId: defaultConversationId(agent.id),
      otid: randomUUID(),
      content: [{ type: 'text', text }],
      createdAt: this.at(),
      ...given,
    })
    const isIndexed = message.searchable && message.role !== 'system'
    return { message, entry: isIndexed ? toEntry(toTokens(text)) : null }
  }

  /** A block that is not stored yet. */
  newBlock(given: Partial<Block> = {}): Block {
    const at = this.at()
    const createdById = this.scope.userId
    return sampleBlock({
      id: this.id('block'),
      createdById,
      createdAt: at,
      updatedAt: at,
      ...given,
    })
  }

  /** Stores a block. */
  async block(given: Partial<Block> = {}): Promise<Block> {
    const block = this.newBlock(given)
    return await this.store.createBlock(this.scope, { block, cause: this.cause })
  }

  /** Stores an agent with a default conversation that begins with a system message. */
  async agent(given: Partial<Agent> = {}, newBlocks: readonly Block[] = []): Promise<Agent> {
    return await this.store.createAgent(this.scope, this.newAgent(given, newBlocks))
  }

  /** An agent that is not stored yet, with all that belongs to it. */
  newAgent(given: Partial<Agent> = {}, newBlocks: readonly Block[] = []): NewAgent {
    const id = this.id('agent')
    const at = this.at()
    const agent = sampleAgent({
      id,
      blockIds: newBlocks.map((block) => block.id),
      createdAt: at,
      updatedAt: at,
      ...given,
    })
    const system = this.message(agent, 'You are a test.', { role: 'system', searchable: false })
    const conversation = this.conversationOf(agent, {
      id: defaultConversationId(agent.id),
      isDefault: true,
      systemMessageId: system.message.id,
    })
    const messages = [system]
    const { cause } = this
    return { agent, newBlocks, conversation, messages, cause }
  }

  /** A conversation that is not stored yet. */
  conversationOf(agent: Agent, given: Partial<Conversation> = {}): Conversation {
    const at = this.at()
    return sampleConversation({
      id: this.id('conversation'),
      agentId: agent.id,
      systemMessageId: this.id('message'),
      createdAt: at,
      updatedAt: at,
      ...given,
    })
  }

  /** Stores a further conversation of an agent with its system message. */
  async conversation(agent: Agent, given: Partial<Conversation> = {}): Promise<Conversation> {
    const conversation = this.conversationOf(agent, given)
    const system = this.message(agent, 'You are a test.', {
      id: conversation.systemMessageId,
      conversationId: conversation.id,
      role: 'system',
      searchable: false,
    })
    const input = { conversation, messages: [system] }
    return await this.store.createConversation(this.scope, input)
  }

  /** An input with one user message for an agent's default conversation, or another one. */
  input(agent: Agent, text: string, given: Partial<AcceptInput> = {}): AcceptInput {
    const conversationId = given.conversationId ?? defaultConversationId(agent.id)
    const at = this.at()
    const ids = { agentId: agent.id, conversationId, createdAt: at }
    const turn = sampleTurn({ id: this.id('turn'), ...ids, updatedAt: at })
    const run = sampleRun({ id: this.id('run'), turnId: turn.id, ...ids })
    return {
      conversationId,
      messages: [this.message(agent, text, { conversationId, runId: run.id })],
      turn,
      run,
      clientOtids: [],
      requestHash: null,
      retryOf: null,
      rejectBusy: false,
      at,
      ...given,
    }
  }

  /** Accepts one user message. */
  async say(agent: Agent, text: string, given: Partial<AcceptInput> = {}): Promise<AcceptResult> {
    return await this.store.acceptInput(this.scope, this.input(agent, text, given))
  }

  /** Takes the lease of a conversation for an hour; throws when somebody else has it. */
  async claim(conversationId: string, owner = this.store.description.owner): Promise<LeaseProof> {
    const at = this.at()
    const input = { conversationId, owner, at, until: at + 3_600_000 }
    const lease = await this.store.claimLease(this.scope, input)
    if (lease === null) throw new Error(`The conversation ${conversationId} is taken`)
    return lease
  }

  /** Begins what is next in a conversation; throws when nothing is. */
  async begin(lease: LeaseProof, itemsAfter = 0): Promise<TurnWork> {
    const work = await this.store.beginWork(this.scope, { lease, at: this.at(), itemsAfter })
    if (work === null) throw new Error('Nothing is open')
    return work
  }

  /** Accepts a message and begins its turn. */
  async start(
    agent: Agent,
    text: string,
    conversationId = defaultConversationId(agent.id),
  ): Promise<{ lease: LeaseProof; work: TurnWork }> {
    await this.say(agent, text, { conversationId })
    const lease = await this.claim(conversationId)
    return { lease, work: await this.begin(lease) }
  }

  /** The commit of a step that says something, calls tools by name, and ends the turn when it calls none. */
  stepCommit(
    lease: LeaseProof,
    work: TurnWork,
    given: Partial<StepCommit> & {
      readonly text?: string
      readonly tools?: readonly string[]
    } = {},
  ): StepCommit {
    const { text = 'Fine.', tools = [], ...rest } = given
    const { turn, run } = work
    const at = this.at()
    const ids = { agentId: turn.agentId, conversationId: turn.conversationId }
    const number = (work.lastStep?.number ?? 0) + 1
    const step = sampleStep({
      id: this.id('step'),
      turnId: turn.id,
      runId: run.id,
      ...ids,
      number,
      createdAt: at,
      completedAt: at,
    })
    const toolCalls = tools.map((name, index) => ({
      stepId: step.id,
      index,
      callId: `call-${number}-${index}`,
      name,
      arguments: '{}',
      state: 'intended' as const,
    }))
    const message = this.message({ id: turn.agentId }, text, {
      role: 'assistant',
      conversationId: turn.conversationId,
      runId: run.id,
      stepId: step.id,
      toolCalls: toolCalls.map(({ callId, name }) => ({ callId, name, arguments: '{}' })),
    })
    return {
      lease,
      step,
      message,
      toolCalls,
      tail: null,
      prefix: null,
      events: [{ type: 'message-stored', messageId: message.message.id, streamed: false }],
      request: null,
      end: tools.length > 0 ? null : this.end(work),
      at,
      ...rest,
    }
  }

  /** A compaction of a conversation whose lease is held: of the default one, unless `agentId` says whose it is. */
  compaction(
    lease: LeaseProof,
    given: Partial<CompactionCommit> & { readonly agentId?: string } = {},
  ): CompactionCommit {
    const { conversationId } = lease
    const { agentId = `agent-${uuidOf(conversationId)}`, ...rest } = given
    const at = this.at()
    const summary = this.message({ id: agentId }, '', {
      role: 'summary',
      conversationId,
      content: [{ type: 'summary', text: 'summary', facts: sampleSummaryFacts }],
      searchable: false,
    })
    const events: readonly RunEventBody[] =
      rest.runId === undefined || rest.runId === null
        ? []
        : [{ type: 'message-stored', messageId: summary.message.id, streamed: false }]
    return { lease, summary, earlierId: null, viewFrom: 0, runId: null, events, at, ...rest }
  }

  /** The end of a turn. */
  end(work: Pick<TurnWork, 'turn' | 'run'>, given: Partial<TurnEnd> = {}): TurnEnd {
    return {
      turnId: work.turn.id,
      runId: work.run.id,
      status: 'completed',
      stopReason: 'end_turn',
      waitingFor: null,
      metadata: {},
      timeToFirstTokenNs: 5_000_000,
      events: [{ type: 'run-ended', stopReason: 'end_turn', usage: emptyUsage, error: null }],
      at: this.at(),
      ...given,
    }
  }

  /** The commit of a tool's result, with the message of all returns when it is the last. */
  toolCommit(
    step: StepCommit,
    index: number,
    given: Partial<ToolCommit> & { readonly isLast?: boolean } = {},
  ): ToolCommit {
    const { isLast = true, ...rest } = given
    const { agentId, conversationId, runId } = step.step
    const toolMessage = this.message({ id: agentId }, 'Done.', {
      role: 'tool',
      conversationId,
      runId,
      stepId: step.step.id,
      searchable: false,
    })
    return {
      lease: step.lease,
      stepId: step.step.id,
      index,
      result: { status: 'success', text: 'Done.', stdout: null, stderr: null },
      blockEdits: [],
      newBlocks: [],
      detachedBlocks: [],
      passages: [],
      archive: null,
      cause: this.cause,
      toolMessage: isLast ? toolMessage : null,
      position: null,
      prefix: null,
      events: [],
      end: null,
      at: this.at(),
      ...rest,
    }
  }

  /** A change of an agent's memory that does nothing but what is given. */
  memoryWrite(agent: Pick<Agent, 'id'>, given: Partial<MemoryWrite> = {}): MemoryWrite {
    return {
      ...emptyWrite,
      agentId: agent.id,
      cause: this.cause,
      at: this.at(),
      ...given,
    }
  }

  /** Has a tool propose an edit, as the only call of a turn that goes on; returns the number of the proposal. */
  async propose(agent: Agent, edit: JsonObject): Promise<number> {
    const { lease, work } = await this.start(agent, 'go')
    const step = this.stepCommit(lease, work, { tools: ['edit'] })
    await this.store.commitStep(this.scope, step)
    await this.store.commitTool(this.scope, this.toolCommit(step, 0, { proposal: edit }))
    const end = this.end(work)
    await this.store.endTurn(this.scope, { lease, end })
    await this.store.releaseLease(this.scope, { lease })
    const query = { agentId: agent.id, limit: 1 }
    const [proposal] = await this.store.listProposals(this.scope, query)
    return proposal?.number ?? 0
  }

  /** Has a whole exchange of one message and one answer; returns what the end committed. */
  async exchange(agent: Agent, text: string, answer = 'Fine.'): Promise<CommitResult> {
    const { lease, work } = await this.start(agent, text)
    const commit = this.stepCommit(lease, work, { text: answer })
    const result = await this.store.commitStep(this.scope, commit)
    await this.store.releaseLease(this.scope, { lease })
    return result
  }

  /** An archive that is not stored yet. */
  newArchive(given: Partial<Archive> = {}): Archive {
    const at = this.at()
    const createdById = this.scope.userId
    const ids = { id: this.id('archive'), createdById }
    return sampleArchive({ ...ids, createdAt: at, updatedAt: at, ...given })
  }

  /** A passage that is not stored yet, with its tokens. */
  newPassage(
    text: string,
    given: Partial<Passage> = {},
  ): { readonly passage: Passage; readonly entry: SearchEntry } {
    const at = this.at()
    const passage = samplePassage({
      id: this.id('passage'),
      text,
      createdAt: at,
      updatedAt: at,
      ...given,
    })
    return { passage, entry: toEntry(toTokens(text)) }
  }

  /** Stores passages in an agent's archive, which is made when needed. */
  async remember(agent: Agent, ...texts: readonly string[]): Promise<readonly Passage[]> {
    const passages = texts.map((text) => this.newPassage(text))
    const owner = { agentId: agent.id, archive: this.newArchive() }
    return await this.store.createPassages(this.scope, { agent: owner, passages, at: this.at() })
  }

  /** The ids of the messages that a search of an agent's messages finds. */
  async found(agent: Agent, ...terms: readonly string[]): Promise<readonly string[]> {
    const { documents } = await this.store.searchMessages(this.scope, {
      agentId: agent.id,
      terms,
      roles: ['user', 'assistant', 'tool'],
      from: null,
      until: null,
      excludeIds: [],
      limit: 100,
    })
    return documents.toSorted((a, b) => b.sequence - a.sequence).map(({ id }) => id)
  }
}

/** The usage of a run without steps. */
export const emptyUsage = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  stepCount: 0,
  contextTokens: null,
}

/** The message items among items. */
export function messageItems(items: TurnWork['items']): readonly MessageItem[] {
  return items.filter((item) => item.kind === 'message')
}

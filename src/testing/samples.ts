import type { Agent } from '../domain/agent.ts'
import type { Block } from '../domain/block.ts'
import type { Conversation, MessageItem } from '../domain/conversation.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { Run, Turn, TurnOptions } from '../domain/run.ts'
import type { TurnWork } from '../storage/contract/turn-store.ts'
import { createNumberedIds } from './numbered-ids.ts'

/** The time samples carry: 22 November 2026, 12:00 UTC. */
export const sampleTime = Date.UTC(2026, 10, 22, 12)

const sampleAgentId = 'agent-00000000-0000-4000-8000-0000000000a1'

/** An agent with two tools and no blocks; anything can be replaced. */
export function sampleAgent(given: Partial<Agent> = {}): Agent {
  return {
    id: sampleAgentId,
    name: 'Sample',
    agentType: 'letta_v1_agent',
    system: 'You are a sample.',
    model: 'openai/scripted',
    modelSettings: null,
    contextWindow: null,
    embedding: null,
    description: null,
    metadata: {},
    tags: [],
    toolIds: [],
    blockIds: [],
    toolRules: [],
    secrets: {},
    timezone: 'UTC',
    hidden: false,
    extra: {},
    createdAt: sampleTime,
    updatedAt: sampleTime,
    createdById: null,
    updatedById: null,
    lastRunCompletion: null,
    lastRunDurationMs: null,
    lastStopReason: null,
    turnCount: 0,
    memoryMode: 'auto',
    consolidation: null,
    ...given,
  }
}

/** A block labelled `human`; anything can be replaced. */
export function sampleBlock(given: Partial<Block> = {}): Block {
  return {
    id: 'block-00000000-0000-4000-8000-0000000000b1',
    label: 'human',
    value: 'Likes tea.',
    limit: 100_000,
    description: null,
    readOnly: false,
    metadata: {},
    tags: [],
    hidden: false,
    extra: {},
    version: 1,
    createdAt: sampleTime,
    updatedAt: sampleTime,
    createdById: null,
    updatedById: null,
    ...given,
  }
}

/** The default conversation of the sample agent; anything can be replaced. */
export function sampleConversation(given: Partial<Conversation> = {}): Conversation {
  return {
    id: defaultConversationId(sampleAgentId),
    agentId: sampleAgentId,
    isDefault: true,
    summary: null,
    model: null,
    modelSettings: null,
    contextWindow: null,
    hidden: false,
    state: 'active',
    archivedAt: null,
    lastMessageAt: null,
    lastRunCompletion: null,
    createdAt: sampleTime,
    updatedAt: sampleTime,
    systemMessageId: 'message-00000000-0000-4000-8000-0000000000c1',
    viewFrom: 0,
    prefix: null,
    ...given,
  }
}

/** A message of the sample agent; anything can be replaced. */
export function sampleMessage(given: Partial<Message> = {}): Message {
  return {
    id: 'message-00000000-0000-4000-8000-0000000000d1',
    agentId: sampleAgentId,
    conversationId: defaultConversationId(sampleAgentId),
    role: 'user',
    content: [{ type: 'text', text: 'Hello.' }],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: null,
    otid: '00000000-0000-4000-8000-0000000000e1',
    senderId: null,
    groupId: null,
    runId: null,
    stepId: null,
    model: null,
    isError: false,
    searchable: true,
    createdAt: sampleTime,
    sequence: 0,
    ...given,
  }
}

/** Messages at growing positions, three apart, as a conversation of exchanges has them. */
export function sampleItems(messages: readonly Partial<Message>[], first = 3): MessageItem[] {
  const ids = createNumberedIds()
  return messages.map((given, index) => ({
    kind: 'message',
    position: first + index * 3,
    message: sampleMessage({ id: `message-${ids.uuid()}`, ...given }),
  }))
}

/** The options of a turn whose request asked for nothing special. */
export const sampleTurnOptions: TurnOptions = {
  maxSteps: 50,
  overrideModel: null,
  overrideSystem: null,
  clientTools: [],
  clientSkills: [],
  returnMessageTypes: null,
  streamTokens: false,
}

/** A turn's work at its first step, with the last item as its input; anything can be replaced. */
export function sampleWork(given: Partial<TurnWork> = {}): TurnWork {
  const items = given.items ?? sampleItems([{}])
  const lastPosition = items.at(-1)?.position ?? 3
  return {
    turn: sampleTurn(),
    run: sampleRun(),
    agent: sampleAgent(),
    conversation: sampleConversation(),
    blocks: [sampleBlock()],
    facts: [],
    items,
    tailPosition: lastPosition - 2,
    lastStep: null,
    toolCalls: [],
    toolReturns: [],
    messageCount: items.length,
    passageCount: 0,
    lastActivityAt: null,
    ...given,
  }
}

/** A turn that has made no step yet; anything can be replaced. */
export function sampleTurn(given: Partial<Turn> = {}): Turn {
  return {
    id: 'turn-00000000-0000-4000-8000-0000000000f1',
    agentId: sampleAgentId,
    conversationId: defaultConversationId(sampleAgentId),
    state: 'executing',
    options: sampleTurnOptions,
    stepCount: 0,
    toolHistory: [],
    stopReason: null,
    waitingFor: null,
    wakeAt: null,
    stopRequest: null,
    createdAt: sampleTime,
    updatedAt: sampleTime,
    ...given,
  }
}

/** A run of the sample turn; anything can be replaced. */
export function sampleRun(given: Partial<Run> = {}): Run {
  return {
    id: 'run-00000000-0000-4000-8000-0000000000f2',
    turnId: 'turn-00000000-0000-4000-8000-0000000000f1',
    agentId: sampleAgentId,
    conversationId: defaultConversationId(sampleAgentId),
    status: 'running',
    stopReason: null,
    background: false,
    metadata: { run_type: 'send_message' },
    requestConfig: {},
    callbackUrl: null,
    callbackSentAt: null,
    callbackStatusCode: null,
    callbackError: null,
    createdAt: sampleTime,
    completedAt: null,
    timeToFirstTokenNs: null,
    totalDurationNs: null,
    ...given,
  }
}

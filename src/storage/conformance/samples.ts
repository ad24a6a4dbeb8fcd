import type { Agent } from '../../domain/agent.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import type { Conversation } from '../../domain/conversation.ts'
import type { Job } from '../../domain/job.ts'
import type { Message } from '../../domain/message.ts'
import type { Run, Step, Turn } from '../../domain/run.ts'
import type { Schedule } from '../../domain/schedule.ts'
import type { SummaryFacts } from '../../domain/summary.ts'
import type { NewFact } from '../contract/fact-store.ts'

/** An agent in which every field has a value. */
export function sampleAgent(given: Partial<Agent> & Pick<Agent, 'id'>): Agent {
  return {
    name: 'Sample',
    agentType: 'letta_v1_agent',
    system: 'You are “a sample”.\nNothing more.',
    model: 'openai/scripted',
    modelSettings: { temperature: 0.5 },
    contextWindow: 32_000,
    embedding: 'openai/small',
    description: 'Für Tests 🧪',
    metadata: { nested: { list: [1, 'two', null] } },
    tags: ['b-tag', 'a-tag'],
    toolIds: ['tool-2', 'tool-1'],
    blockIds: [],
    toolRules: [{ type: 'terminal', tool_name: 'x' }],
    secrets: { KEY: 'sealed' },
    timezone: 'Europe/Berlin',
    hidden: false,
    extra: { project_id: 'p' },
    createdAt: 1,
    updatedAt: 1,
    createdById: 'user-1',
    updatedById: 'user-1',
    lastRunCompletion: null,
    lastRunDurationMs: null,
    lastStopReason: null,
    turnCount: 0,
    memoryMode: 'auto',
    consolidation: null,
    ...given,
  }
}

/** A block in which every field has a value. */
export function sampleBlock(given: Partial<Block> & Pick<Block, 'id'>): Block {
  return {
    label: 'human',
    value: 'Likes tea.\n\tAnd “quotes”; 中文 too.',
    limit: 5000,
    description: 'About the person',
    readOnly: true,
    metadata: { a: 1 },
    tags: ['x', 'y'],
    hidden: false,
    extra: { project_id: 'p', is_template: true },
    version: 1,
    createdAt: 1,
    updatedAt: 1,
    createdById: 'user-1',
    updatedById: null,
    ...given,
  }
}

/** A conversation that is not a default one. */
export function sampleConversation(
  given: Partial<Conversation> & Pick<Conversation, 'id' | 'agentId' | 'systemMessageId'>,
): Conversation {
  return {
    isDefault: false,
    summary: 'About tests',
    model: 'openai/other',
    modelSettings: { temperature: 1 },
    contextWindow: 16_000,
    hidden: false,
    state: 'active',
    archivedAt: null,
    lastMessageAt: null,
    lastRunCompletion: null,
    createdAt: 1,
    updatedAt: 1,
    viewFrom: 0,
    prefix: null,
    ...given,
  }
}

/** A user message. */
export function sampleMessage(
  given: Partial<Message> & Pick<Message, 'id' | 'agentId' | 'conversationId' | 'otid'>,
): Message {
  return {
    role: 'user',
    content: [{ type: 'text', text: 'Hello.' }],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: 'Ann',
    senderId: 'sender-1',
    groupId: 'group-1',
    runId: null,
    stepId: null,
    model: null,
    isError: false,
    searchable: true,
    createdAt: 1,
    sequence: 0,
    ...given,
  }
}

/** A turn that has not begun. */
export function sampleTurn(
  given: Partial<Turn> & Pick<Turn, 'id' | 'agentId' | 'conversationId'>,
): Turn {
  return {
    state: 'queued',
    options: {
      maxSteps: 50,
      overrideModel: null,
      overrideSystem: null,
      clientTools: [{ name: 'mine' }],
      clientSkills: [],
      returnMessageTypes: ['assistant_message'],
      streamTokens: true,
    },
    stepCount: 0,
    toolHistory: [],
    stopReason: null,
    waitingFor: null,
    wakeAt: null,
    stopRequest: null,
    createdAt: 1,
    updatedAt: 1,
    ...given,
  }
}

/** A run that has not begun. */
export function sampleRun(
  given: Partial<Run> & Pick<Run, 'id' | 'turnId' | 'agentId' | 'conversationId'>,
): Run {
  return {
    status: 'created',
    stopReason: null,
    background: false,
    metadata: { run_type: 'send_message' },
    requestConfig: { use_assistant_message: true },
    callbackUrl: 'https://example.test/callback',
    callbackSentAt: null,
    callbackStatusCode: null,
    callbackError: null,
    createdAt: 1,
    completedAt: null,
    timeToFirstTokenNs: null,
    totalDurationNs: null,
    ...given,
  }
}

/** A successful step. */
export function sampleStep(
  given: Partial<Step> & Pick<Step, 'id' | 'runId' | 'turnId' | 'agentId' | 'conversationId'>,
): Step {
  return {
    number: 1,
    model: 'openai/scripted',
    provider: 'openai',
    status: 'success',
    stopReason: 'end_turn',
    usage: {
      promptTokens: 100,
      completionTokens: 10,
      totalTokens: 110,
      cachedInputTokens: 60,
      cacheWriteTokens: null,
      reasoningTokens: 4,
    },
    contextWindow: 32_000,
    modelDurationNs: 123_456_789_012,
    error: null,
    createdAt: 1,
    completedAt: 2,
    ...given,
  }
}

/** An archive. */
export function sampleArchive(given: Partial<Archive> & Pick<Archive, 'id'>): Archive {
  return {
    name: 'Notes',
    description: 'Of the sample',
    metadata: { a: [1] },
    embedding: null,
    createdAt: 1,
    updatedAt: 1,
    createdById: 'user-1',
    ...given,
  }
}

/** A passage; its archive is filled in by the store when an agent is named. */
export function samplePassage(given: Partial<Passage> & Pick<Passage, 'id' | 'text'>): Passage {
  return {
    archiveId: '',
    tags: [],
    metadata: { page: 1 },
    origin: 'user',
    sourceMessageIds: ['message-1'],
    createdAt: 1,
    updatedAt: 1,
    createdById: 'user-1',
    ...given,
  }
}

/** A fact on its way into the store. */
export function sampleFact(given: Partial<NewFact> & Pick<NewFact, 'id' | 'agentId'>): NewFact {
  const { value = 'Alpine' } = given
  return {
    kind: 'fact',
    subject: 'user',
    attribute: 'base images',
    value,
    slot: 'user\nbase imag',
    valueKey: value.toLowerCase(),
    isAdded: false,
    validFrom: 1,
    statedUntil: null,
    origin: 'user',
    sourceMessageIds: [],
    ...given,
  }
}

/** A schedule that fires every minute. */
export function sampleSchedule(
  given: Partial<Schedule> & Pick<Schedule, 'id' | 'agentId' | 'conversationId'>,
): Schedule {
  return {
    creator: { userId: 'user-1', role: 'member', agentIds: [given.agentId] },
    timing: { type: 'every', milliseconds: 60_000 },
    input: {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Now.' }], name: 'Ann', senderId: null },
      ],
      maxSteps: 3,
      callbackUrl: 'https://example.test/fired',
      returnMessageTypes: ['assistant_message'],
    },
    missed: 'once',
    state: 'active',
    nextAt: 60_000,
    lastDueAt: null,
    lastRunId: null,
    lastError: null,
    firedCount: 0,
    missedCount: 0,
    createdAt: 1,
    updatedAt: 1,
    ...given,
  }
}

/** A job that is ready. */
export function sampleJob(given: Partial<Job> & Pick<Job, 'id' | 'tenantId'>): Job {
  return {
    kind: 'test',
    payload: { do: 'it' },
    lane: '',
    state: 'ready',
    attempts: 0,
    maxAttempts: 3,
    runAt: 1000,
    owner: null,
    fence: 0,
    leaseUntil: null,
    lastError: null,
    result: null,
    createdAt: 1,
    updatedAt: 1,
    ...given,
  }
}

/** What a summary says about itself, with a value in every field. */
export const sampleSummaryFacts: SummaryFacts = {
  trigger: 'post_step_context_check',
  mode: 'sliding_window',
  method: 'model',
  reason: null,
  model: 'openai/scripted',
  tokensBefore: 900,
  tokensAfter: 600,
  contextWindow: 1000,
  messagesBefore: 9,
  messagesAfter: 5,
  covered: 5,
  from: 1,
  until: 2,
  earlierId: null,
}

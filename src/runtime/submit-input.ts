import type { Agent } from '../domain/agent.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { type Message, messageText } from '../domain/message.ts'
import type { Run, Turn, TurnOptions } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import { countBesideText } from '../context/item-tokens.ts'
import { renderMemoryBlocks } from '../context/system-view.ts'
import { type WindowBudget, windowBudget } from '../context/window-budget.ts'
import { countTokens, fitTokens } from '../llm/count-tokens.ts'
import { toolsJson } from '../llm/tools-json.ts'
import { messageEntry } from '../memory/search/search-entry.ts'
import type { ConversationWithAgent } from '../storage/contract/conversation-store.ts'
import type { NewMessage } from '../storage/contract/new-message.ts'
import type { AcceptedInput, CheckedPlace } from '../storage/contract/turn-store.ts'
import { chooseHandle } from './choose-handle.ts'
import type { WorkWish } from './lease-keeper.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { MessageInput, SubmitRequest } from './runtime.ts'
import { modelTools } from './turn-tools.ts'

/** An input that may be stored. */
export interface CheckedInput {
  readonly request: SubmitRequest
  readonly place: ConversationWithAgent
  /** Whether the place was read for it, and not remembered from an earlier turn. */
  readonly isRead: boolean
}

/** How much of what a request may take an input may fill that is checked against what is remembered. */
const rememberedShare = 1 / 2

/**
 * An input that may be stored by what is remembered of the place it goes to; null when that cannot tell, and the place
 * has to be read. An input that comes near what the window holds is never told by memory: blocks may have grown since.
 */
export async function recallCheck(
  parts: RuntimeParts,
  scope: TenantScope,
  given: { readonly request: SubmitRequest; readonly place: ConversationWithAgent | null },
): Promise<CheckedInput | null> {
  const { request, place } = given
  if (place === null || request.messages.length === 0) return null
  try {
    const { texts, beside, budget } = await measureRequest(parts, scope, { place, request })
    const fits = fitTokens(texts, budget.estimated * rememberedShare - beside)
    return fits ? { request, place, isRead: false } : null
  } catch (error) {
    // What is wrong with the model is said by the check against what is stored now.
    if (error instanceof AppError) return null
    throw error
  }
}

/** Checks an input against where it goes; rejects as `Runtime.submit` says. */
export async function checkInput(
  parts: RuntimeParts,
  scope: TenantScope,
  request: SubmitRequest,
): Promise<CheckedInput> {
  if (request.messages.length === 0) {
    throw new AppError('validation_failed', 'Messages must not be empty')
  }
  const place = await parts.store.getConversationWithAgent(scope, { id: request.conversationId })
  await checkRequest(parts, scope, { place, request })
  return { request, place, isRead: true }
}

/**
 * Stores an input, with a wish to begin with it or null: when this resolves, the user's words, the turn and the run are on
 * disk, and no model was called yet. Rejects as `Runtime.submit` says, and with `place_changed` when what was remembered of
 * the place is no longer true; then nothing was stored.
 */
export async function acceptInput(
  parts: RuntimeParts,
  scope: TenantScope,
  { request, place, isRead, wish }: CheckedInput & { readonly wish: WorkWish | null },
): Promise<AcceptedInput> {
  const { conversation, agent } = place
  const at = parts.clock.now()
  const run = newRun(parts, { request, agent, at })
  const turn = newTurn(parts, { run, options: request.options })
  return await parts.store.acceptInput(scope, {
    conversationId: conversation.id,
    messages: request.messages.map((input) => toNewMessage(parts, { input, run, at, agent })),
    turn,
    run,
    clientOtids: request.messages.flatMap(({ otid }) => (otid === null ? [] : [otid])),
    requestHash: request.requestHash,
    retryOf: request.isRetry ? { since: at - parts.settings.retryWindowMs } : null,
    rejectBusy: request.rejectBusy,
    ...(isRead ? {} : { checkedAgainst: toCheckedPlace(place) }),
    ...(wish === null ? {} : { claim: wish }),
    at,
  })
}

function toCheckedPlace({ agent, conversation }: ConversationWithAgent): CheckedPlace {
  const { updatedAt, model, contextWindow } = agent
  return {
    agent: { updatedAt, model, contextWindow },
    conversation: { model: conversation.model, contextWindow: conversation.contextWindow },
  }
}

/** Refuses to try a turn again with a model that cannot be called; the errors of `ModelSource.describe`. */
export async function checkModel(
  parts: RuntimeParts,
  scope: TenantScope,
  { turnId }: Pick<Run, 'turnId'>,
): Promise<void> {
  const turn = await parts.store.getTurn(scope, { id: turnId })
  const conversation = await parts.store.getConversation(scope, { id: turn.conversationId })
  const agent = await parts.store.getAgent(scope, { id: turn.agentId })
  await parts.models.describe(chooseHandle(turn.options, { agent, conversation }))
}

/** A new run that opens the turn of an earlier one again. */
export function newRetryRun(parts: RuntimeParts, earlier: Run): Run {
  const at = parts.clock.now()
  return {
    ...earlier,
    id: newIdentifier(parts.ids, 'run'),
    ...noCallbackYet,
    status: 'created',
    stopReason: null,
    metadata: {
      run_type: earlier.metadata['run_type'] ?? 'send_message',
      turn_id: earlier.turnId,
      retry_of: earlier.id,
    },
    createdAt: at,
    completedAt: null,
    timeToFirstTokenNs: null,
    totalDurationNs: null,
  }
}

/** A request with the place it is meant for. */
interface CheckedRequest {
  readonly place: ConversationWithAgent
  readonly request: Pick<SubmitRequest, 'messages' | 'options'>
}

/**
 * Refuses what can never be sent, see `Runtime.submit`: an unknown model, or words that fill the window together with what
 * every request has.
 */
export async function checkRequest(
  parts: RuntimeParts,
  scope: TenantScope,
  given: CheckedRequest,
): Promise<void> {
  const { handle, texts, beside, budget } = await measureRequest(parts, scope, given)
  if (fitTokens(texts, budget.estimated - beside)) return
  const { request: limit, tokenFactor } = budget
  const count = (all: readonly string[]): number =>
    Math.round((sumTokens(all) + beside) * Math.max(1, tokenFactor))
  const words = count(given.request.messages.map(messageText))
  throw new AppError(
    'context_window_exceeded',
    `Cannot accept the message: it has about ${words} tokens, and with the system prompt, memory and tools ${count(texts)} of at most ` +
      `${limit} that ${handle} can take. Shorten it, send it in parts, store it in archival memory, or shorten the memory blocks.`,
    { data: { tokens: words, limit } },
  )
}

/** What a request has to fit into the window of its model, in tokens: its words, and what every request has. */
async function measureRequest(
  parts: RuntimeParts,
  scope: TenantScope,
  { place, request: { messages, options } }: CheckedRequest,
): Promise<{
  readonly handle: string
  readonly texts: readonly string[]
  /** What the messages take beside their texts. */
  readonly beside: number
  readonly budget: WindowBudget
}> {
  const { agent, blocks, conversation } = place
  const described = await parts.models.describe(chooseHandle(options, { agent, conversation }))
  const model = await parts.calibration.describe(scope, described)
  const tools = modelTools({ registry: parts.tools, agent, options, hasSummary: false })
  const system = options.overrideSystem ?? `${agent.system}${renderMemoryBlocks(blocks)}`
  return {
    handle: model.handle,
    texts: [system, toolsJson(tools), ...messages.map(messageText)],
    beside: messages.reduce((sum, { content }) => sum + countBesideText(content), 0),
    budget: windowBudget({ agent, conversation }, model),
  }
}

const noCallbackYet = {
  callbackSentAt: null,
  callbackStatusCode: null,
  callbackError: null,
} as const

function sumTokens(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + countTokens(text), 0)
}

/** What a run keeps of the request that began it. */
type RunRequest = Pick<
  SubmitRequest,
  'conversationId' | 'background' | 'runType' | 'requestConfig' | 'callbackUrl' | 'runId'
>

/** A run that a request begins, for a turn of its own. */
export function newRun(
  parts: RuntimeParts,
  {
    request,
    agent,
    at,
  }: { readonly request: RunRequest; readonly agent: Agent; readonly at: number },
): Run {
  const turnId = newIdentifier(parts.ids, 'turn')
  return {
    id: request.runId ?? newIdentifier(parts.ids, 'run'),
    turnId,
    agentId: agent.id,
    conversationId: request.conversationId,
    status: 'created',
    stopReason: null,
    background: request.background,
    metadata: { run_type: request.runType, turn_id: turnId },
    requestConfig: request.requestConfig,
    callbackUrl: request.callbackUrl,
    ...noCallbackYet,
    createdAt: at,
    completedAt: null,
    timeToFirstTokenNs: null,
    totalDurationNs: null,
  }
}

function newTurn(
  parts: RuntimeParts,
  { run, options }: { readonly run: Run; readonly options: Partial<TurnOptions> },
): Turn {
  return {
    id: run.turnId,
    agentId: run.agentId,
    conversationId: run.conversationId,
    state: 'queued',
    options: {
      maxSteps: options.maxSteps ?? parts.settings.maxSteps,
      overrideModel: options.overrideModel ?? null,
      overrideSystem: options.overrideSystem ?? null,
      clientTools: options.clientTools ?? [],
      clientSkills: options.clientSkills ?? [],
      returnMessageTypes: options.returnMessageTypes ?? null,
      streamTokens: options.streamTokens ?? false,
    },
    stepCount: 0,
    toolHistory: [],
    stopReason: null,
    waitingFor: null,
    wakeAt: null,
    stopRequest: null,
    createdAt: run.createdAt,
    updatedAt: run.createdAt,
  }
}

/** A message of an input with an identity, on its way into the store. */
export function toNewMessage(
  parts: RuntimeParts,
  given: {
    readonly input: MessageInput
    readonly run: Run
    readonly at: number
    readonly agent: Pick<Agent, 'timezone'>
  },
): NewMessage {
  const message = toMessage(parts, given)
  return { message, entry: messageEntry(message, given.agent) }
}

function toMessage(
  parts: RuntimeParts,
  { input, run, at }: { readonly input: MessageInput; readonly run: Run; readonly at: number },
): Message {
  return {
    id: newIdentifier(parts.ids, 'message'),
    agentId: run.agentId,
    conversationId: run.conversationId,
    role: input.role,
    content: input.content,
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: input.name,
    otid: input.otid ?? parts.ids.uuid(),
    senderId: input.senderId,
    groupId: input.groupId,
    runId: run.id,
    stepId: null,
    model: null,
    isError: false,
    searchable: true,
    createdAt: at,
    sequence: 0,
  }
}

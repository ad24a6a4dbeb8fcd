import type { Agent } from '../domain/agent.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { type Message, messageText } from '../domain/message.ts'
import type { Run, Turn, TurnOptions } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import { renderMemoryBlocks } from '../context/system-view.ts'
import { windowBudget } from '../context/window-budget.ts'
import { countTokens, fitTokens } from '../llm/count-tokens.ts'
import { messageEntry } from '../memory/search/search-entry.ts'
import type { ConversationWithAgent } from '../storage/contract/conversation-store.ts'
import type { NewMessage } from '../storage/contract/new-message.ts'
import type { AcceptedInput } from '../storage/contract/turn-store.ts'
import { chooseHandle } from './choose-handle.ts'
import type { WorkWish } from './lease-keeper.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { MessageInput, SubmitRequest } from './runtime.ts'
import { modelTools } from './turn-tools.ts'

/** An input that may be stored. */
export interface CheckedInput {
  readonly request: SubmitRequest
  readonly place: ConversationWithAgent
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
  await checkRequest(parts, place, request)
  return { request, place }
}

/**
 * Stores an input, with a wish to begin with it or null: when this resolves, the user's words, the turn and the run are on
 * disk, and no model was called yet. Rejects as `Runtime.submit` says, and then nothing was stored.
 */
export async function acceptInput(
  parts: RuntimeParts,
  scope: TenantScope,
  { request, place, wish }: CheckedInput & { readonly wish: WorkWish | null },
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
    ...(wish === null ? {} : { claim: wish }),
    at,
  })
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

/**
 * Refuses what can never be sent, see `Runtime.submit`: an unknown model, or words that fill the window together with what
 * every request has.
 */
export async function checkRequest(
  parts: RuntimeParts,
  { agent, blocks, conversation }: ConversationWithAgent,
  request: Pick<SubmitRequest, 'messages' | 'options'>,
): Promise<void> {
  const model = await parts.models.describe(chooseHandle(request.options, { agent, conversation }))
  const budget = windowBudget({ agent, conversation }, model)
  const said = request.messages.map(messageText)
  const { options } = request
  const tools = modelTools({ registry: parts.tools, agent, options, hasSummary: false })
  const fixed = [
    options.overrideSystem ?? `${agent.system}${renderMemoryBlocks(blocks)}`,
    JSON.stringify(tools),
  ]
  if (fitTokens([...fixed, ...said], budget.request)) return
  const words = sumTokens(said)
  const tokens = sumTokens(fixed) + words
  throw new AppError(
    'context_window_exceeded',
    `Cannot accept the message: it has about ${words} tokens, and with the system prompt, memory and tools ${tokens} of at most ` +
      `${budget.request} that ${model.handle} can take. Shorten it, send it in parts, store it in archival memory, or shorten the memory blocks.`,
    { data: { tokens: words, limit: budget.request } },
  )
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
  'conversationId' | 'background' | 'runType' | 'requestConfig' | 'callbackUrl'
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
    id: newIdentifier(parts.ids, 'run'),
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

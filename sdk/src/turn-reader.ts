import { LettaError } from './errors.ts'
import {
  type AgentMessage,
  type AgentMessageType,
  type StreamEvent,
  textOf,
  type Usage,
  type UserMessageResponse,
  type WireMessage,
} from './messages.ts'
import { PendingApprovalError, type PendingCall } from './pending-calls.ts'

type WireToolCall = Extract<WireMessage, { message_type?: 'tool_call_message' }>
type WireToolReturn = Extract<WireMessage, { message_type?: 'tool_return_message' }>
type WireUsage = Extract<WireMessage, { message_type?: 'usage_statistics' }>

/** A frame about the run itself; the official client does not type the ones in streams. */
interface EventFrame {
  readonly message_type: 'event_message'
  readonly event_type: string
  readonly event_data: Readonly<Record<string, unknown>>
}

/** What a stream may carry. */
export type TurnFrame = WireMessage | EventFrame

/** Where a message belongs. */
interface Place {
  readonly id: string
  readonly runId: string | null
  readonly stepId: string | null
}

/** A message that is still growing. */
interface Draft extends Place {
  readonly type: AgentMessageType
  text: string
  toolName: string | null
  toolCallId: string | null
}

const noUsage: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  stepCount: 0,
  cachedInputTokens: null,
  reasoningTokens: null,
}

/**
 * Puts the frames of a stream together: deltas to complete messages, frames to events.
 *
 * Pass each frame to {@link TurnReader.read}, then call {@link TurnReader.end} once.
 */
export class TurnReader {
  /** The run, as soon as a frame named it. */
  runId: string | null = null
  /** The number of the last frame, for going on after a broken connection. */
  sequence = 0
  /** Whether the stream said why the turn ended: without it the stream was cut. */
  stopReason: string | null = null
  /** The message that asks for an answer to its calls. */
  #requestId: string | null = null
  #usage: Usage = noUsage
  #messages: AgentMessage[] = []
  #drafts: Draft[] = []
  readonly #toolNames = new Map<string, string>()

  /** The events that one frame stands for. */
  read(frame: TurnFrame): StreamEvent[] {
    const events = this.#note(frame)
    switch (frame.message_type) {
      case 'assistant_message':
        return [...events, ...this.#addText('assistant', frame, textOf(frame.content))]
      case 'reasoning_message':
        return [...events, ...this.#addText('reasoning', frame, frame.reasoning)]
      case 'approval_request_message':
        this.#requestId = frame.id
        return [...events, ...this.#addToolCall(frame)]
      case 'tool_call_message':
        return [...events, ...this.#addToolCall(frame)]
      case 'tool_return_message':
        return [...events, ...this.#flush(), ...this.#addToolReturns(frame)]
      case 'stop_reason':
        this.stopReason = frame.stop_reason
        return [...events, ...this.#flush()]
      case 'event_message':
        return [...events, ...this.#drop(frame)]
      case 'usage_statistics':
        this.#usage = toUsage(frame)
        return events
      default:
        return events
    }
  }

  /**
   * The whole turn.
   *
   * @throws PendingApprovalError when the agent waits for an answer to tool calls; LettaError `no_answer` when it rests
   * without having said anything.
   */
  end(): UserMessageResponse {
    this.#flush()
    const stopReason = this.stopReason ?? 'error'
    if (stopReason === 'requires_approval') {
      throw new PendingApprovalError(this.runId, this.#pendingCalls())
    }
    const answer = this.#messages.findLast((message) => message.type === 'assistant')
    if (answer === undefined) throw noAnswer(stopReason, this.runId)
    const others = this.#messages.filter((message) => message !== answer)
    const facts = { runId: this.runId, stopReason, usage: this.#usage }
    return Object.assign([answer, ...others] as const, facts)
  }

  /** The calls of the request that the run ended with. */
  #pendingCalls(): readonly PendingCall[] {
    return this.#messages
      .filter(({ type, id }) => type === 'tool_call' && id === this.#requestId)
      .map(({ toolCallId, toolName, text }) => ({
        callId: toolCallId ?? '',
        name: toolName ?? '',
        arguments: text,
      }))
  }

  #drop(frame: EventFrame): StreamEvent[] {
    const messageId = frame.event_data['message_id']
    if (frame.event_type !== 'message_dropped' || typeof messageId !== 'string') return []
    this.#drafts = this.#drafts.filter(({ id }) => id !== messageId)
    this.#messages = this.#messages.filter(({ id }) => id !== messageId)
    return [{ type: 'dropped', messageId }]
  }

  #note(frame: TurnFrame): StreamEvent[] {
    if ('seq_id' in frame && typeof frame.seq_id === 'number') this.sequence = frame.seq_id
    if (this.runId !== null || !('run_id' in frame) || typeof frame.run_id !== 'string') return []
    this.runId = frame.run_id
    return [{ type: 'accepted', runId: frame.run_id }]
  }

  #addText(type: 'assistant' | 'reasoning', frame: Framed, text: string): StreamEvent[] {
    const current = this.#drafts.find((draft) => draft.id === frame.id && draft.type === type)
    const events = current === undefined ? this.#flush() : []
    if (current !== undefined) current.text += text
    else this.#drafts = [createDraft(type, placeOf(frame), text)]
    const event = type === 'assistant' ? 'text' : 'reasoning'
    return text === '' ? events : [...events, { type: event, messageId: frame.id, text }]
  }

  #addToolCall(frame: WireToolCall | ApprovalRequest): StreamEvent[] {
    const isContinued = this.#drafts.some(
      (draft) => draft.id === frame.id && draft.type === 'tool_call',
    )
    const events = isContinued ? [] : this.#flush()
    for (const delta of toolDeltasOf(frame)) this.#growToolCall(delta, placeOf(frame))
    return events
  }

  #growToolCall(delta: ToolDelta, place: Place): void {
    const callId = delta.tool_call_id ?? null
    let draft = this.#drafts.findLast(
      (other) => callId === null || callId === '' || other.toolCallId === callId,
    )
    if (draft === undefined) {
      draft = createDraft('tool_call', place, '')
      draft.toolCallId = callId
      this.#drafts.push(draft)
    }
    draft.toolName ??= delta.name ?? null
    draft.text += delta.arguments ?? ''
  }

  #addToolReturns(frame: WireToolReturn): StreamEvent[] {
    const returns = frame.tool_returns ?? []
    const all = returns.length > 0 ? returns : [frame]
    return all.map((item) => {
      const callId = 'tool_call_id' in item ? (item.tool_call_id ?? null) : null
      const message: AgentMessage = {
        ...placeOf(frame),
        type: 'tool_return',
        text: textOf(item.tool_return),
        toolName: (callId === null ? undefined : this.#toolNames.get(callId)) ?? frame.name ?? null,
        toolCallId: callId,
        status: item.status === 'error' ? 'error' : 'success',
      }
      this.#messages.push(message)
      return { type: 'tool_return', message }
    })
  }

  /** Completes the growing messages; only tool calls become events, because text was sent piece by piece. */
  #flush(): StreamEvent[] {
    const messages = this.#drafts.map((draft): AgentMessage => ({ ...draft, status: null }))
    this.#drafts = []
    for (const { toolCallId, toolName } of messages) {
      if (toolCallId !== null && toolName !== null) this.#toolNames.set(toolCallId, toolName)
    }
    this.#messages.push(...messages.filter(({ type, text }) => type === 'tool_call' || text !== ''))
    return messages
      .filter(({ type }) => type === 'tool_call')
      .map((message) => ({ type: 'tool_call', message }))
  }
}

type ApprovalRequest = Extract<WireMessage, { message_type?: 'approval_request_message' }>

interface Framed {
  readonly id: string
  readonly run_id?: string | null
  readonly step_id?: string | null
}

interface ToolDelta {
  readonly name?: string | null
  readonly arguments?: string | null
  readonly tool_call_id?: string | null
}

function toolDeltasOf(frame: WireToolCall | ApprovalRequest): readonly ToolDelta[] {
  const calls = frame.tool_calls
  if (Array.isArray(calls)) return calls
  return [calls ?? frame.tool_call]
}

function createDraft(type: AgentMessageType, place: Place, text: string): Draft {
  return { ...place, type, text, toolName: null, toolCallId: null }
}

function placeOf(frame: Framed): Place {
  return { id: frame.id, runId: frame.run_id ?? null, stepId: frame.step_id ?? null }
}

function toUsage(frame: WireUsage): Usage {
  return {
    promptTokens: frame.prompt_tokens ?? 0,
    completionTokens: frame.completion_tokens ?? 0,
    totalTokens: frame.total_tokens ?? 0,
    stepCount: frame.step_count ?? 0,
    cachedInputTokens: frame.cached_input_tokens ?? null,
    reasoningTokens: frame.reasoning_tokens ?? null,
  }
}

function noAnswer(stopReason: string, runId: string | null): LettaError {
  return new LettaError(
    'no_answer',
    `Cannot get an answer: the agent rests (${stopReason}) without having said anything. ` +
      'Send another message, or look at the run.',
    { runId },
  )
}

import { uuidOf } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { RunEvent, RunEventBody } from '../domain/run.ts'
import type { JsonObject } from '../util/json.ts'
import {
  encodeMessage,
  encodeSummary,
  subOtid,
  type ClientMessage,
  type MessageType,
} from './message.ts'
import { encodeRunError, encodeStopReason, encodeUsageStatistics } from './run-end.ts'
import { encodeMessageDate } from './time.ts'

/** One frame of a stream: its data, and its event name when it has one. */
export interface WireFrame {
  /** Null for everything but errors: clients yield only frames without a name. */
  readonly name: 'error' | null
  readonly data: JsonObject
}

/** An event of a run with the message it is about. */
export interface RunFrameInput {
  readonly event: RunEvent
  readonly message: Message | null
  /** At the end of a run: those it opened at agents in the background. Default: none. */
  readonly backgroundRunIds?: readonly string[]
  /** At the end of a run that shows it: what it did to memory, which may be nothing. Absent = it is not shown. */
  readonly memory?: MemoryOfRun
}

/** What a run did to memory, as the wire shows it; oldest first. */
export interface MemoryOfRun {
  readonly changes: readonly JsonObject[]
  /** Edits that wait for a review. */
  readonly proposed: readonly JsonObject[]
}

/** How a run is shown. */
export interface RunFrameOptions {
  /**
   * `tokens`: text as it is written. `steps`: whole messages as they are stored. `response`: the same with every null
   * field, as replies have them that do not stream.
   */
  readonly mode: 'tokens' | 'steps' | 'response'
  /** Only these message types, and what every stream has; null = all. */
  readonly messageTypes: readonly string[] | null
  /** Whether compactions are shown: that one began, and the summary. Default: false. */
  readonly compactionMessages?: boolean
  /** Whether an event before the end tells what the run did to memory, if it did anything. Default: false. */
  readonly memoryChanges?: boolean
  /** Only frames with a greater `seq_id`. */
  readonly startingAfter: number
}

/** Turns the events of one run, from its first on, into frames. */
export type RunFrameEncoder = (input: RunFrameInput) => readonly WireFrame[]

/**
 * Frames that one event may become. `seq_id` is the event's number times this, plus the place of the frame, so that a
 * stream can be resumed after any frame exactly.
 */
const framesPerEvent = 100

/** The number of the first event that may hold a frame with a greater `seq_id` than `startingAfter`. */
export function firstEventAfter(startingAfter: number): number {
  return Math.max(0, Math.floor(startingAfter / framesPerEvent))
}

/** The number of the event that a frame with this `seq_id` was made of; 0 = before the first. */
export function sequenceOf(seqId: number): number {
  return Math.floor(seqId / framesPerEvent)
}

/** The greatest `seq_id` that a frame of an event can have. */
export function lastSeqIdOf(sequence: number): number {
  return sequence * framesPerEvent + framesPerEvent - 1
}

/**
 * An encoder with the memory one stream needs: which sub-message of a message is being written, and which call.
 * It must be given all events of the run in order, also those before `startingAfter`.
 */
export function createRunFrameEncoder(options: RunFrameOptions): RunFrameEncoder {
  const deltas = createDeltaEncoder()
  return (input) => {
    const { event } = input
    const { mode, compactionMessages = false } = options
    const frames = encodeEvent({ ...input, deltas, mode, compactionMessages })
    return frames
      .flatMap((frame, place) => (frame === null ? [] : [numbered(frame, event, place)]))
      .filter(({ data }) => isWanted(data, options))
  }
}

function isWanted(data: JsonObject, { messageTypes, startingAfter }: RunFrameOptions): boolean {
  if (Number(data['seq_id']) <= startingAfter) return false
  const type = data['message_type']
  return messageTypes === null || !('id' in data) || messageTypes.some((name) => name === type)
}

function numbered(frame: WireFrame, event: RunEvent, place: number): WireFrame {
  const seqId = event.sequence * framesPerEvent + Math.min(place, framesPerEvent - 1)
  return { ...frame, data: { ...frame.data, seq_id: seqId, run_id: event.runId } }
}

interface EventContext extends RunFrameInput {
  readonly deltas: DeltaEncoder
  readonly mode: RunFrameOptions['mode']
  readonly compactionMessages: boolean
}

/** The frames of an event in their places; null = a place that stays empty, so that those behind it keep theirs. */
function encodeEvent(context: EventContext): readonly (WireFrame | null)[] {
  const { event, message, deltas, mode } = context
  const body = event.event
  switch (body.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-delta': {
      const data = deltas.encode(body, event.createdAt)
      return mode === 'tokens' ? [{ name: null, data }] : []
    }
    case 'message-stored':
      if (message === null || (mode === 'tokens' && body.streamed)) return []
      return encodeStored(message, context)
    case 'message-dropped':
      return mode === 'tokens' ? [{ name: null, data: encodeDropped(body.messageId, event) }] : []
    case 'prompt-sent':
      return []
    case 'compaction-started':
      return encodeCompaction(body, context)
    case 'run-ended':
      return [
        ...encodeMemory(context),
        ...encodeEnd(body, [event.runId, ...(context.backgroundRunIds ?? [])]),
      ]
    default:
      return body satisfies never
  }
}

/** Roles whose messages a stream shows; what the user said is not echoed. */
const shownRoles = new Set<Message['role']>(['assistant', 'tool', 'approval'])

function encodeStored(
  message: Message,
  { mode, compactionMessages }: EventContext,
): readonly WireFrame[] {
  if (message.role === 'summary' && compactionMessages) {
    return [{ name: null, data: encodeSummary(message) }]
  }
  if (!shownRoles.has(message.role)) return []
  return encodeMessage(message).map((data) => ({
    name: null,
    data: mode === 'response' ? data : withoutNullCalls(data),
  }))
}

/** Tool call messages leave out what is null, as in the original's streams. */
function withoutNullCalls(message: ClientMessage): JsonObject {
  if (message.message_type !== 'tool_call_message') return message
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null))
}

function encodeDropped(messageId: string, event: RunEvent): JsonObject {
  return {
    ...streamBase({ messageId, stepId: null, at: event.createdAt }, 'event_message', 0),
    event_type: 'message_dropped',
    event_data: { message_id: messageId },
  }
}

function encodeCompaction(
  body: Extract<RunEventBody, { type: 'compaction-started' }>,
  { event, compactionMessages }: EventContext,
): readonly WireFrame[] {
  if (!compactionMessages) return []
  const data = {
    id: body.eventId,
    date: encodeMessageDate(event.createdAt),
    message_type: 'event_message',
    event_type: 'compaction',
    event_data: {
      trigger: body.trigger,
      context_token_estimate: body.tokens,
      context_window: body.contextWindow,
    },
  } as const
  return [{ name: null, data }]
}

/** Its place stays when there is nothing to tell any more: what waited for a review is settled between two readings. */
function encodeMemory({ event, memory }: EventContext): readonly (WireFrame | null)[] {
  if (memory === undefined) return []
  if (memory.changes.length + memory.proposed.length === 0) return [null]
  const data = {
    id: `event-${uuidOf(event.runId)}`,
    date: encodeMessageDate(event.createdAt),
    message_type: 'event_message',
    event_type: 'memory_changed',
    event_data: { changes: [...memory.changes], proposed: [...memory.proposed] },
  } as const
  return [{ name: null, data }]
}

function encodeEnd(
  end: Extract<RunEventBody, { type: 'run-ended' }>,
  runIds: readonly [string, ...string[]],
): readonly WireFrame[] {
  const [runId] = runIds
  const stop: WireFrame = { name: null, data: encodeStopReason(end.stopReason) }
  if (end.error !== null) return [stop, { name: 'error', data: encodeRunError(end.error, runId) }]
  if (end.stopReason === 'cancelled') return [stop]
  return [stop, { name: null, data: encodeUsageStatistics(end.usage, runIds) }]
}

type Delta = Extract<RunEventBody, { type: 'text-delta' | 'reasoning-delta' | 'tool-call-delta' }>

interface DeltaEncoder {
  encode(delta: Delta, at: number): JsonObject
}

/** Which part of the newest message is being written. */
interface Progress {
  readonly messageId: string
  type: MessageType
  /** The place of the sub-message. */
  place: number
  /** The identifiers of its tool calls by index. */
  readonly callIds: Map<number, string>
}

function createDeltaEncoder(): DeltaEncoder {
  let progress: Progress | null = null

  function advance(messageId: string, type: MessageType): Progress {
    if (progress?.messageId !== messageId) {
      progress = { messageId, type, place: 0, callIds: new Map() }
    } else if (progress.type !== type) {
      progress.type = type
      progress.place += 1
    }
    return progress
  }

  return {
    encode(delta, at) {
      const { messageId, stepId } = delta
      const type = typeOf(delta)
      const current = advance(messageId, type)
      const fields = streamBase({ messageId, stepId, at }, type, current.place)
      if (delta.type === 'text-delta') return { ...fields, content: delta.text }
      if (delta.type === 'reasoning-delta') {
        return {
          ...fields,
          source: 'reasoner_model',
          reasoning: delta.text,
          signature: delta.signature,
        }
      }
      const call = encodeCallDelta(delta, current.callIds)
      return { ...fields, tool_call: call, tool_calls: call }
    },
  }
}

function typeOf(delta: Delta): MessageType {
  const isRequest = delta.type === 'tool-call-delta' && delta.awaitsAnswer === true
  return isRequest ? 'approval_request_message' : deltaTypes[delta.type]
}

const deltaTypes = {
  'text-delta': 'assistant_message',
  'reasoning-delta': 'reasoning_message',
  'tool-call-delta': 'tool_call_message',
} as const

function encodeCallDelta(
  delta: Extract<Delta, { type: 'tool-call-delta' }>,
  callIds: Map<number, string>,
): JsonObject {
  if (delta.callId !== null) callIds.set(delta.index, delta.callId)
  const callId = callIds.get(delta.index)
  return {
    ...(delta.name !== null && { name: delta.name }),
    arguments: delta.argumentsText,
    ...(callId !== undefined && { tool_call_id: callId }),
  }
}

function streamBase(
  source: { readonly messageId: string; readonly stepId: string | null; readonly at: number },
  type: MessageType,
  place: number,
): JsonObject {
  const shared = {
    id: source.messageId,
    date: encodeMessageDate(source.at),
    message_type: type,
    // A request has its own number from the beginning, as it is stored with.
    otid:
      type === 'approval_request_message'
        ? uuidOf(source.messageId)
        : subOtid(uuidOf(source.messageId), place),
    ...(source.stepId !== null && { step_id: source.stepId }),
  }
  return type === 'tool_call_message'
    ? shared
    : { ...shared, name: null, sender_id: null, is_err: null }
}

/** The frame that keeps a silent stream alive; it has no number. */
export function encodePing(ping: {
  readonly id: string
  readonly at: number
  readonly runId: string
}): WireFrame {
  return {
    name: null,
    data: {
      id: ping.id,
      date: encodeMessageDate(ping.at),
      name: null,
      message_type: 'ping',
      otid: null,
      sender_id: null,
      step_id: null,
      is_err: null,
      seq_id: null,
      run_id: ping.runId,
    },
  }
}

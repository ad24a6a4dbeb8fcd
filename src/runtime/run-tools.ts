import type { ConversationItem, PromptPrefix } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message, ToolReturn } from '../domain/message.ts'
import type { RunEventBody, ToolJournalEntry } from '../domain/run.ts'
import { messageEntry } from '../memory/search/search-entry.ts'
import type { JournaledReturn, TurnEnd, TurnWork } from '../storage/contract/turn-store.ts'
import type { Tool } from '../tools/tool.ts'
import { commitToolResult, type ToolCommitRequest } from './commit-tool.ts'
import { readTurnEnd } from './end-turn.ts'
import { givenReturn, placeOfReturns, withoutReturn } from './given-returns.ts'
import {
  cancelledReturn,
  cutShortReturn,
  interruptedReturn,
  runTool,
  type ToolResult,
} from './run-tool.ts'
import { runWait } from './run-wait.ts'
import { stopAfterCalls } from './stop-after-calls.ts'
import { isClientTool, serverTools } from './turn-tools.ts'
import {
  type ActiveTurn,
  type RoundResult,
  isPaused,
  throwIfGivenUp,
  unchanged,
} from './turn-state.ts'

/**
 * Runs the open tool calls of the last step and commits each result; with the last one the message that carries all
 * returns, in the order of the calls.
 *
 * Calls that declare it run side by side, the others one after the other, waits last. After a crash only calls without a
 * stored result are looked at: memory edits and those declared read-only or idempotent run (again), others that had been
 * started are reported to the model as interrupted. A call that was denied or run by the caller brings its return along.
 * A run that is to stop starts no further call.
 */
export async function runTools(turn: ActiveTurn): Promise<RoundResult> {
  const { parts, work } = turn
  const { agent, turn: current } = work
  const tools = serverTools({ registry: parts.tools, agent, options: current.options })
  const open = work.toolCalls.filter((call) => call.state !== 'done')
  const step = openStep(work, tools)
  let result = unchanged(turn)
  for (const batch of toBatches(open, tools)) {
    if (turn.signal.aborted) break
    await markStarted(turn, batch, tools)
    const results = await Promise.all(
      batch.map((entry) => unlessStopped(turn, runEntry(turn, entry, tools))),
    )
    throwIfGivenUp(turn.signal)
    for (const [place, entry] of batch.entries()) {
      const outcome = results[place]
      if (outcome === undefined) continue
      const committed = await commitResult(turn, step, { entry, outcome })
      if (committed === null) return result
      result = committed
    }
    if (result.ended) return result
  }
  throwIfGivenUp(turn.signal)
  return result
}

/** Closes the open calls of a cancelled run: each gets a return that says what is known of it. */
export async function cancelTools(turn: ActiveTurn): Promise<RoundResult> {
  const { parts, work } = turn
  const { agent, turn: current } = work
  const tools = serverTools({ registry: parts.tools, agent, options: current.options })
  const step = openStep(work, tools)
  let result = unchanged(turn)
  for (const entry of work.toolCalls) {
    if (entry.state === 'done') continue
    const given = entry.state === 'answered' ? work.toolReturns[entry.index] : null
    const unmade = entry.state === 'started' ? cutShortReturn : cancelledReturn
    const outcome = given === null || given === undefined ? unmade : givenReturn(turn, given)
    result = await commitOne(turn, step, { entry, outcome })
  }
  return result
}

/** How long a tool has to end by itself after its run was cancelled or given up, in milliseconds. */
const cancelGraceMs = 40

/** The same after a pause, which takes nothing from anybody who is about to end, in milliseconds. */
const pauseGraceMs = 2000

/**
 * The result of a call, unless its run is to stop and it does not end soon: then what it returns later is dropped, and the
 * model is told that nobody knows whether it took effect.
 */
async function unlessStopped(
  { parts, signal }: ActiveTurn,
  running: Promise<ToolResult>,
): Promise<ToolResult> {
  const ended = new AbortController()
  const stopped = Promise.withResolvers<void>()
  const onAbort = (): void => {
    if (signal.aborted) stopped.resolve()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  onAbort()
  const late = stopped.promise.then(async () => {
    const grace = isPaused(signal) ? pauseGraceMs : cancelGraceMs
    await parts.clock.sleep(grace, { signal: ended.signal, keepAlive: true }).catch(() => undefined)
    return unknownReturn(signal)
  })
  const result = await Promise.race([running, late])
  ended.abort('the call has ended')
  signal.removeEventListener('abort', onAbort)
  const failed = result.kind === 'return' && result.value.status === 'error'
  return failed && signal.aborted ? unknownReturn(signal) : result
}

/** The return of a call that was under way when its run was to stop. */
function unknownReturn(signal: AbortSignal): ToolResult {
  return isPaused(signal) ? interruptedReturn : cutShortReturn
}

/** Calls that may run side by side come first and together, as in the original; each other call is a batch of its own, waits last. */
function toBatches(
  open: readonly ToolJournalEntry[],
  tools: readonly Tool[],
): readonly (readonly ToolJournalEntry[])[] {
  const isParallel = (entry: ToolJournalEntry): boolean =>
    entry.state === 'answered' || findTool(tools, entry)?.parallel === true
  const isWait = (entry: ToolJournalEntry): boolean => findTool(tools, entry)?.kind === 'wait'
  const parallel = open.filter(isParallel)
  const rest = open.filter((entry) => !isParallel(entry))
  const single = [...rest.filter((entry) => !isWait(entry)), ...rest.filter(isWait)]
  return [...(parallel.length > 0 ? [parallel] : []), ...single.map((entry) => [entry])]
}

function findTool(tools: readonly Tool[], entry: ToolJournalEntry): Tool | undefined {
  return tools.find((tool) => tool.name === entry.name)
}

/** Only what may take effect outside the database needs a mark: without it a crash could make it happen twice. */
async function markStarted(
  turn: ActiveTurn,
  batch: readonly ToolJournalEntry[],
  tools: readonly Tool[],
): Promise<void> {
  const indexes = batch
    .filter((entry) => entry.state === 'intended' && mayNotRepeat(findTool(tools, entry)))
    .map((entry) => entry.index)
  const stepId = batch[0]?.stepId
  if (indexes.length === 0 || stepId === undefined) return
  const { parts, scope, lease } = turn
  await parts.store.startTools(scope, { lease, stepId, indexes, at: parts.clock.now() })
}

function mayNotRepeat(tool: Tool | undefined): boolean {
  return tool?.kind === 'action' && tool.replay === 'once'
}

/** Whether the return of a call came from outside. */
function isGiven({ turn }: TurnWork, call: ToolJournalEntry): boolean {
  return call.state === 'answered' || isClientTool(turn.options, call.name)
}

/** Returns that show memory back to the model would be found in place of what they quote. */
function mayBeFound(tool: Tool | undefined): boolean {
  return tool?.kind === 'action' && !tool.quotesMemory
}

async function runEntry(
  turn: ActiveTurn,
  entry: ToolJournalEntry,
  tools: readonly Tool[],
): Promise<ToolResult> {
  const given = entry.state === 'answered' ? turn.work.toolReturns[entry.index] : null
  if (given !== null && given !== undefined) return givenReturn(turn, given)
  const tool = findTool(tools, entry)
  if (entry.state === 'started' && mayNotRepeat(tool)) return interruptedReturn
  if (isClientTool(turn.work.turn.options, entry.name)) return withoutReturn(entry.name)
  return await runTool(turn, { entry, tool, tools })
}

/** A step whose calls are being closed. */
interface OpenStep {
  /** The returns of the step by index; new ones are entered. */
  readonly returns: (JournaledReturn | null)[]
  readonly tools: readonly Tool[]
  /** The prefix with what the returns showed so far. */
  prefix: PromptPrefix | null
}

function openStep(
  { toolCalls, toolReturns, conversation }: TurnWork,
  tools: readonly Tool[],
): OpenStep {
  const returns = toolReturns.map((stored, index) =>
    toolCalls[index]?.state === 'done' ? stored : null,
  )
  return { tools, returns, prefix: conversation.prefix }
}

/** Commits the result of a call; null = the turn rests for it, or is to stop before it. */
async function commitResult(
  turn: ActiveTurn,
  step: OpenStep,
  { entry, outcome }: { readonly entry: ToolJournalEntry; readonly outcome: ToolResult },
): Promise<RoundResult | null> {
  if (outcome.kind !== 'wait') return await commitOne(turn, step, { entry, outcome })
  const waited = await runWait(turn, entry, outcome)
  if (waited === null) return null
  const { result, signalId } = waited
  const value = { kind: 'return', value: result } as const
  return await commitOne(turn, step, { entry, outcome: value, wait: { signalId } })
}

async function commitOne(
  turn: ActiveTurn,
  step: OpenStep,
  call: Omit<ToolCommitRequest, 'finish' | 'prefix' | 'end'>,
): Promise<RoundResult> {
  const { returns, tools } = step
  const { work } = turn
  const { index } = call.entry
  const isLast = returns.filter((stored) => stored === null || stored === undefined).length === 1
  const end = isLast ? await endWithReturns(turn) : null
  const stored = await commitToolResult(turn, {
    ...call,
    prefix: step.prefix,
    end,
    finish: (result) => {
      if (!isLast) return null
      const message = toToolMessage(turn, returns.with(index, result), tools)
      const events: readonly RunEventBody[] = [
        { type: 'message-stored', messageId: message.id, streamed: false },
      ]
      const position = placeOfReturns(work)
      return { message: { message, entry: messageEntry(message, work.agent) }, events, position }
    },
  })
  returns[index] = stored.result
  step.prefix = stored.prefix
  const items: readonly ConversationItem[] =
    stored.item === null ? work.items : placed(work.items, stored.item)
  return { items, ended: end !== null, released: stored.released }
}

/** The end that is stored with the last return of a step, when nothing can follow it; null = the turn goes on. */
async function endWithReturns(turn: ActiveTurn): Promise<TurnEnd | null> {
  const stopReason = stopAfterCalls(turn)
  return stopReason === null ? null : await readTurnEnd(turn, { stopReason, error: null })
}

/** The items with one more, which may lie before what came in beside an answer. */
function placed(
  items: readonly ConversationItem[],
  item: ConversationItem,
): readonly ConversationItem[] {
  return [...items, item].toSorted((left, right) => left.position - right.position)
}

function toToolMessage(
  turn: ActiveTurn,
  returns: readonly (JournaledReturn | null)[],
  tools: readonly Tool[],
): Message {
  const { parts, work } = turn
  const toolReturns = work.toolCalls.flatMap((call): readonly ToolReturn[] => {
    const result = returns[call.index]
    return result === null || result === undefined
      ? []
      : [{ callId: call.callId, name: call.name, ...result }]
  })
  return {
    id: newIdentifier(parts.ids, 'message'),
    agentId: work.agent.id,
    conversationId: work.conversation.id,
    role: 'tool',
    content: [],
    toolCalls: [],
    toolReturns,
    approvals: [],
    name: null,
    otid: parts.ids.uuid(),
    senderId: null,
    groupId: null,
    runId: work.run.id,
    stepId: work.lastStep?.id ?? null,
    model: null,
    isError: false,
    searchable: work.toolCalls.every(
      (call) => isGiven(work, call) || mayBeFound(findTool(tools, call)),
    ),
    createdAt: parts.clock.now(),
    sequence: 0,
  }
}

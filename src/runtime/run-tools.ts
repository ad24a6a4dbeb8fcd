import type { ConversationItem, PromptPrefix } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message, ToolReturn } from '../domain/message.ts'
import type { RunEventBody, ToolJournalEntry } from '../domain/run.ts'
import { messageEntry } from '../memory/search/search-entry.ts'
import type { JournaledReturn, TurnWork } from '../storage/contract/turn-store.ts'
import type { Tool } from '../tools/tool.ts'
import { commitToolResult } from './commit-tool.ts'
import { givenReturn, placeOfReturns, withoutReturn } from './given-returns.ts'
import { interruptedReturn, runTool, type ToolResult } from './run-tool.ts'
import { isClientTool, serverTools } from './turn-tools.ts'
import { type ActiveTurn, type RoundResult, isCancelled, throwIfGivenUp } from './turn-state.ts'

/**
 * Runs the open tool calls of the last step and commits each result; with the last one the message that carries all
 * returns, in the order of the calls.
 *
 * Calls that declare it run side by side, the others one after the other. After a crash only calls without a stored
 * result are looked at: memory edits and those declared read-only or idempotent run (again), others that had been
 * started are reported to the model as interrupted. A call that was denied or run by the caller brings its return along.
 * A cancelled run starts no further call.
 */
export async function runTools(turn: ActiveTurn): Promise<RoundResult> {
  const { parts, work } = turn
  const { agent, turn: current } = work
  const tools = serverTools({ registry: parts.tools, agent, options: current.options })
  const open = work.toolCalls.filter((call) => call.state !== 'done')
  const returns = work.toolReturns.map((stored, index) =>
    work.toolCalls[index]?.state === 'done' ? stored : null,
  )
  let result: RoundResult = { items: work.items, ended: false }
  let { prefix } = work.conversation
  for (const batch of toBatches(open, tools)) {
    if (isCancelled(turn.signal)) return result
    await markStarted(turn, batch, tools)
    const results = await Promise.all(batch.map((entry) => runEntry(turn, entry, tools)))
    throwIfGivenUp(turn.signal)
    for (const [place, entry] of batch.entries()) {
      const outcome = results[place]
      if (outcome === undefined) continue
      const isLast =
        returns.filter((stored) => stored === null || stored === undefined).length === 1
      const committed = await commitOne(turn, { entry, outcome, returns, isLast, tools, prefix })
      result = committed.round
      prefix = committed.prefix
    }
  }
  return result
}

/** Calls that may run side by side come first and together, as in the original; each other call is a batch of its own. */
function toBatches(
  open: readonly ToolJournalEntry[],
  tools: readonly Tool[],
): readonly (readonly ToolJournalEntry[])[] {
  const isParallel = (entry: ToolJournalEntry): boolean =>
    entry.state === 'answered' || findTool(tools, entry)?.parallel === true
  const parallel = open.filter(isParallel)
  const single = open.filter((entry) => !isParallel(entry))
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

interface CommitOne {
  readonly entry: ToolJournalEntry
  readonly outcome: ToolResult
  /** The returns of the step by index; the new one is entered. */
  readonly returns: (JournaledReturn | null)[]
  readonly isLast: boolean
  readonly tools: readonly Tool[]
  /** What the model was shown so far. */
  readonly prefix: PromptPrefix | null
}

async function commitOne(
  turn: ActiveTurn,
  { entry, outcome, returns, isLast, tools, prefix }: CommitOne,
): Promise<{ readonly round: RoundResult; readonly prefix: PromptPrefix | null }> {
  const { work } = turn
  const stored = await commitToolResult(turn, {
    entry,
    outcome,
    prefix,
    finish: (result) => {
      if (!isLast) return null
      const all = [...returns]
      all[entry.index] = result
      const message = toToolMessage(turn, all, tools)
      const events: readonly RunEventBody[] = [
        { type: 'message-stored', messageId: message.id, streamed: false },
      ]
      const position = placeOfReturns(work)
      return { message: { message, entry: messageEntry(message, work.agent) }, events, position }
    },
  })
  returns[entry.index] = stored.result
  const items: readonly ConversationItem[] =
    stored.item === null ? work.items : placed(work.items, stored.item)
  return { round: { items, ended: false }, prefix: stored.prefix }
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

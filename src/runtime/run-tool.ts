import { splitView } from '../context/summary-view.ts'
import type { ToolJournalEntry } from '../domain/run.ts'
import { errorMessage } from '../errors/app-error.ts'
import type { JournaledReturn } from '../storage/contract/turn-store.ts'
import { parseArguments } from '../tools/registry.ts'
import type { ActionTool, MemoryTool, Tool, ToolOutput, WaitTool } from '../tools/tool.ts'
import { quoteAsData } from '../memory/quote.ts'
import { createAgentSearch } from '../memory/search/create-agent-search.ts'
import { toStorable } from '../wire/storable.ts'
import { searchPlace } from './search-place.ts'
import { type ActiveTurn, turnMessageIds } from './turn-state.ts'

/** A return as it is. */
export interface CallReturn {
  readonly kind: 'return'
  readonly value: JournaledReturn
}

/** What came of a call before it is committed. */
export type ToolResult =
  | CallReturn
  /** A memory edit that is computed and written at commit time. */
  | { readonly kind: 'edit'; readonly tool: MemoryTool<unknown>; readonly input: unknown }
  /** A wait, for which the turn rests. */
  | { readonly kind: 'wait'; readonly tool: WaitTool<unknown>; readonly input: unknown }

/** The longest error text a model gets to read, in characters; as in the original. */
const errorLimit = 1000

/** The return of a call that a crash left in an unknown state and that may not be made again. */
export const interruptedReturn: CallReturn = {
  kind: 'return',
  value: {
    status: 'error',
    text: 'This call was interrupted before its result was recorded. It may or may not have taken effect. Check before you make it again.',
    stdout: null,
    stderr: null,
  },
}

/** The return of a call that a cancelled run does not make any more. */
export const cancelledReturn: CallReturn = {
  kind: 'return',
  value: errorReturn('The user cancelled the run before this call was made. It had no effect.'),
}

/** The return of a call that was under way when its run was cancelled. */
export const cutShortReturn: CallReturn = {
  kind: 'return',
  value: errorReturn(
    'The user cancelled the run while this call was under way. It may or may not have taken effect.',
  ),
}

/** One call and the tool it names, if the agent has it. */
export interface RunToolRequest {
  readonly entry: ToolJournalEntry
  readonly tool: Tool | undefined
  /** All tools of the agent, to name them when the call names none of them. */
  readonly tools: readonly Tool[]
}

/** Runs one call. Never rejects: whatever goes wrong is an error return that the model reads. */
export async function runTool(turn: ActiveTurn, request: RunToolRequest): Promise<ToolResult> {
  const { entry, tool, tools } = request
  if (tool === undefined) {
    const names = tools.map((candidate) => candidate.name).join(', ')
    return failed(
      `Cannot call ${entry.name}: you have no tool of that name. Your tools are: ${names || 'none'}.`,
    )
  }
  try {
    const { parameters } = turn.parts.tools.schemaOf(tool)
    const parsed = parseArguments(tool, entry.arguments, parameters)
    if (!parsed.ok) return failed(parsed.error)
    const { value } = toStorable(parsed.value)
    if (tool.kind === 'memory') return { kind: 'edit', tool, input: value }
    if (tool.kind === 'wait') return { kind: 'wait', tool, input: value }
    const output = await tool.run(value, toolContext(turn))
    return { kind: 'return', value: toReturn(turn, tool, output) }
  } catch (error) {
    return failed(executionError(entry.name, error))
  }
}

/** The text of a call whose tool threw. */
export function executionError(name: string, error: unknown): string {
  return `Error executing function ${name}: ${errorMessage(error)}`
}

/** An error return; its text is cut to what a model should have to read, and what it quotes is data. */
export function errorReturn(text: string): JournaledReturn {
  const shown = quoteAsData(text.slice(0, errorLimit).toWellFormed())
  return { status: 'error', text: shown, stdout: null, stderr: null }
}

/**
 * Cuts a text to what one return may take of the window (a fifth of it, at least 5,000 characters) and to the tool's own
 * limit, and says so at its end.
 */
export function cutReturn(turn: ActiveTurn, tool: Pick<Tool, 'returnLimit'>, text: string): string {
  const window = turn.work.conversation.contextWindow ?? turn.work.agent.contextWindow ?? 128_000
  const limit = Math.min(tool.returnLimit, Math.max(5000, Math.floor(window * 0.2) * 4))
  if (text.length <= limit) return text
  return `${text.slice(0, limit).toWellFormed()}\n[cut: ${limit} of ${text.length} characters are shown]`
}

function failed(text: string): ToolResult {
  return { kind: 'return', value: errorReturn(text) }
}

function toReturn(
  turn: ActiveTurn,
  tool: ActionTool<unknown>,
  output: ToolOutput,
): JournaledReturn {
  return {
    status: 'success',
    text: cutReturn(turn, tool, output.text),
    stdout: output.stdout ?? null,
    stderr: output.stderr ?? null,
  }
}

function toolContext(turn: ActiveTurn): Parameters<ActionTool<unknown>['run']>[1] {
  const { parts, scope, work, signal } = turn
  return {
    agentId: work.agent.id,
    conversationId: work.conversation.id,
    timezone: work.agent.timezone,
    now: parts.clock.now(),
    signal,
    turnMessageIds: turnMessageIds(work),
    search: createAgentSearch({
      ...searchPlace(parts, scope, work.agent),
      ...(parts.embedders !== undefined && {
        dense: { embedders: parts.embedders, model: work.agent.embedding },
      }),
    }),
    summaries: {
      currentId: splitView(work.items).summary?.message.id ?? null,
      sources: (page) =>
        parts.store.listSummarySources({ ...scope, agentIds: [work.agent.id] }, page),
    },
  }
}

import type { AgentMemory, MemoryChange } from '../../../sdk/src/index.ts'
import { toOneLine, toTerminalText } from '../chat/terminal-text.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { toChangeLine } from '../session/memory-notes.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** What all of these commands are told. */
export interface MemoryCommandOptions {
  readonly agent: string | undefined
  readonly json: boolean
}

/** Which part of a history. */
interface HistoryPart {
  readonly item: string | undefined
  readonly before: string | undefined
  readonly limit: number
}

/** How many changes the server gives at once. */
const pageSize = 500

/** As many changes as are wanted, newest first, and whether there are older ones. */
async function readHistory(
  memory: AgentMemory,
  { item, before, limit }: HistoryPart,
): Promise<{ readonly changes: readonly MemoryChange[]; readonly isMore: boolean }> {
  const changes: MemoryChange[] = []
  while (changes.length <= limit) {
    const size = Math.min(pageSize, limit + 1 - changes.length)
    const last = changes.at(-1)?.id ?? before
    const page = await memory.history({ item, before: last, limit: size })
    changes.push(...page)
    if (page.length < size) break
  }
  return { changes: changes.slice(0, limit), isMore: changes.length > limit }
}

/** Lists changes, newest first. */
export async function showLog(
  context: CliContext,
  options: MemoryCommandOptions & HistoryPart,
): Promise<void> {
  await withMemory(context, options, async (memory) => {
    const { changes, isMore } = await readHistory(memory, options)
    if (isMore) context.stderr.write(`There are older ones: --before ${changes.at(-1)?.id}.\n`)
    if (options.json) return changes
    if (changes.length === 0) {
      const { item, before } = options
      const isAll = item === undefined && before === undefined
      context.stderr.write(isAll ? 'Nothing was remembered yet.\n' : 'There is no such change.\n')
    }
    return toColumns(
      changes.map((change) => [
        change.id,
        shortTime(change.created_at),
        change.label ?? 'archive',
        change.actor.kind,
        `${change.kind}: ${toOneLine(change.text, 100)}`,
      ]),
    )
  })
}

/** Shows the lines of a block, passage or fact, each with the change and the words that caused it. */
export async function showBlame(
  context: CliContext,
  options: MemoryCommandOptions & { readonly item: string },
): Promise<void> {
  await withMemory(context, options, async (memory) => {
    const lines = await memory.blame(options.item)
    if (options.json) return lines
    return toColumns(
      lines.map(({ line, change, quotes }) => [
        change?.id ?? '-',
        shortTime(change?.created_at),
        toOneLine(quotes[0]?.text ?? change?.reason ?? '', 40),
        toTerminalText(line),
      ]),
    )
  })
}

/** Shows the blocks and facts, or one block, passage or fact, as they were at a time. */
export async function showAt(
  context: CliContext,
  options: MemoryCommandOptions & { readonly item: string | undefined; readonly at: string },
): Promise<void> {
  const { item, at, json } = options
  await withMemory(context, options, async (memory) => {
    const items = await memory.at(at, item)
    if (json) return items
    if (items.length === 0)
      context.stderr.write('There was no such block, passage or fact at that time.\n')
    return items.flatMap(({ id, label, value, version }) => [
      `[${label ?? id}] version ${version}`,
      value === '' ? '(empty)' : toTerminalText(value),
    ])
  })
}

/** Takes a change back. */
export async function undoChange(
  context: CliContext,
  options: MemoryCommandOptions & { readonly change: string },
): Promise<void> {
  await withMemory(context, options, async (memory) =>
    toResult(options, await memory.undo(options.change)),
  )
}

/** Makes a block, passage or fact again what it was. */
export async function restoreItem(
  context: CliContext,
  options: MemoryCommandOptions & {
    readonly item: string
    readonly toVersion: number | undefined
    readonly at: string | undefined
  },
): Promise<void> {
  const { item, toVersion: version, at } = options
  if ((version === undefined) === (at === undefined)) {
    throw new CliError('Cannot restore memory: it is not said to what. Give --to-version or --at.')
  }
  await withMemory(context, options, async (memory) => {
    const to = version === undefined ? { at: at ?? '' } : { version }
    return toResult(options, await memory.restore(item, to))
  })
}

/** What `letta memory review` does. */
export const reviewActions = ['list', 'apply', 'reject', 'on', 'off'] as const

/** Lists, applies and rejects what waits for a person, and turns reviewing on and off. */
export async function review(
  context: CliContext,
  options: MemoryCommandOptions & {
    readonly action: (typeof reviewActions)[number]
    readonly item: string | undefined
  },
): Promise<void> {
  const { action, item = '' } = options
  if ((action === 'apply' || action === 'reject') && item === '') {
    throw new CliError(
      `Cannot ${action} a proposal: none is named. Give its id, such as m-12; "letta memory review" lists them.`,
    )
  }
  await withMemory(context, options, async (memory) => {
    if (isHeldBack(item) && action === 'apply') return toResult(options, await memory.approve(item))
    if (isHeldBack(item) && action === 'reject')
      return toResult(options, await memory.discard(item))
    if (action === 'apply') return toResult(options, await memory.apply(item))
    if (action === 'reject') {
      const rejected = await memory.reject(item)
      return options.json ? rejected : [`${rejected.id} is rejected.`]
    }
    if (action === 'list') return await listWaiting(context, memory, options)
    const mode = await memory.setMode(action === 'on' ? 'review' : 'auto')
    if (options.json) return { mode }
    return [
      mode === 'review'
        ? 'Edits of memory wait for your review from now on.'
        : 'Edits of memory count at once from now on.',
    ]
  })
}

/** Whether an identifier is that of a text or fact, not of an edit. */
function isHeldBack(item: string): boolean {
  return /^(?:passage|fact)-/.test(item)
}

async function listWaiting(
  context: CliContext,
  memory: AgentMemory,
  { json }: MemoryCommandOptions,
): Promise<unknown> {
  const [proposals, held, mode] = await Promise.all([
    memory.proposals('open'),
    memory.quarantine(),
    memory.mode(),
  ])
  if (json) return { proposals, quarantine: held }
  if (proposals.length + held.length === 0) {
    context.stderr.write(
      mode === 'review'
        ? 'Nothing waits for a review.\n'
        : 'Nothing waits for a review; edits count at once ("letta memory review on" changes that).\n',
    )
  }
  if (proposals.length > 0) {
    context.stderr.write(
      'Each edit is shown whole by "letta memory diff <id>"; "letta memory review apply <id>" makes it, "reject <id>" drops it.\n',
    )
  }
  return toColumns([
    ...proposals.map(({ id, created_at: time, notes }) => [
      id,
      shortTime(time),
      toOneLine(notes.join('; '), 100),
    ]),
    ...held.map(({ id, created_at: time, origin, text }) => [
      id,
      shortTime(time),
      `from ${origin === 'web' ? 'the web' : 'a tool'}: ${toOneLine(text, 100)}`,
    ]),
  ])
}

function toResult({ json }: MemoryCommandOptions, changes: readonly MemoryChange[]): unknown {
  if (json) return changes
  if (changes.length === 0) return ['Nothing had to be changed.']
  return changes.map(toChangeLine)
}

/** Runs one of these commands on an agent's memory and prints what it returns: lines, or JSON. */
export async function withMemory(
  context: CliContext,
  options: MemoryCommandOptions,
  work: (memory: AgentMemory) => Promise<unknown>,
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const result = await work(client.memory(agent.id))
    if (options.json) printJson(context, result)
    else printLines(context, result as readonly string[])
  })
}

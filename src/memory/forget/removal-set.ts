import type { ForgetItem } from '../../domain/forget.ts'
import { AppError } from '../../errors/app-error.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import type { TextTableName } from '../../storage/stored-texts.ts'
import { idsIn, numberIn, textIn, type TextSource } from './forget-plan.ts'

/** A version of a block or passage, as one text. */
export function versionKey(itemId: string, version: number): string {
  return `${itemId}@${version}`
}

/** What goes as a whole, and what is found by where it came from. */
export interface RemovalSet {
  readonly messageIds: Set<string>
  /** Messages that stay as places without words, and the steps they belong to. */
  readonly emptiedIds: Set<string>
  readonly emptiedSteps: Set<string>
  readonly turnIds: Set<string>
  readonly runIds: Set<string>
  readonly passageIds: Set<string>
  readonly blockIds: Set<string>
  readonly conversationIds: Set<string>
  readonly agentIds: Set<string>
  /** Summaries that are to be written anew because somebody said so. */
  readonly summaryIds: Set<string>
  /** Facts that go with all their versions, and single versions, by {@link versionKey}. */
  readonly factIds: Set<string>
  readonly factVersions: Set<string>
  /** Past versions of passages that go, by {@link versionKey}. */
  readonly pastVersions: Set<string>
  /** Versions of blocks that brought in something that goes, by {@link versionKey}. */
  readonly derivedVersions: Set<string>
  /** Their changes. */
  readonly changes: Set<number>
  /** Turns that are not over, and the turn of each run. */
  readonly openTurns: ReadonlySet<string>
  readonly turnOfRun: ReadonlyMap<string, string>
  /** Pieces of what goes, by which quotations of it are found. */
  readonly pieces: string[]
  /** For the person who decides. */
  readonly items: ForgetItem[]
}

/** The columns by which rows go with something that is removed as a whole. */
const wholes: {
  readonly [Table in TextTableName]?: readonly (readonly [
    column: string,
    set: 'messageIds' | 'passageIds' | 'blockIds' | 'turnIds' | 'runIds',
  ])[]
} = {
  messages: [['id', 'messageIds']],
  summary_sources: [
    ['summary_id', 'messageIds'],
    ['message_id', 'messageIds'],
  ],
  passages: [['id', 'passageIds']],
  passage_versions: [['passage_id', 'passageIds']],
  passage_tags: [['passage_id', 'passageIds']],
  blocks: [['id', 'blockIds']],
  block_versions: [['block_id', 'blockIds']],
  memory_changes: [
    ['item_id', 'blockIds'],
    ['item_id', 'passageIds'],
  ],
  turns: [['id', 'turnIds']],
  runs: [['turn_id', 'turnIds']],
  steps: [['turn_id', 'turnIds']],
  tool_calls: [['turn_id', 'turnIds']],
  events: [['run_id', 'runIds']],
}

/** Whether a row goes with something that is removed as a whole. */
export function isRemoved(set: RemovalSet, table: TextTableName, row: StoredTextRow): boolean {
  const columns = wholes[table] ?? []
  return columns.some(([column, name]) => set[name].has(textIn(row, column)))
}

/** Nothing that goes. */
export function emptySet({ open, turnOfRun }: Turns): RemovalSet {
  return {
    openTurns: open,
    turnOfRun,
    messageIds: new Set(),
    emptiedIds: new Set(),
    emptiedSteps: new Set(),
    turnIds: new Set(),
    runIds: new Set(),
    passageIds: new Set(),
    blockIds: new Set(),
    conversationIds: new Set(),
    agentIds: new Set(),
    summaryIds: new Set(),
    factIds: new Set(),
    factVersions: new Set(),
    pastVersions: new Set(),
    derivedVersions: new Set(),
    changes: new Set(),
    pieces: [],
    items: [],
  }
}

/** How turns, runs and input messages hang together. */
export interface Turns {
  readonly turnOfRun: ReadonlyMap<string, string>
  readonly turnOfInput: ReadonlyMap<string, string>
  readonly conversationOf: ReadonlyMap<string, string>
  readonly agentOf: ReadonlyMap<string, string>
  readonly open: ReadonlySet<string>
}

/** Reads how they hang together. */
export async function readTurns(source: TextSource): Promise<Turns> {
  const turnOfRun = new Map<string, string>()
  const turnOfInput = new Map<string, string>()
  const conversationOf = new Map<string, string>()
  const agentOf = new Map<string, string>()
  const open = new Set<string>()
  for await (const row of source.rows('turns')) {
    const id = textIn(row, 'id')
    conversationOf.set(id, textIn(row, 'conversation_id'))
    agentOf.set(id, textIn(row, 'agent_id'))
    if (textIn(row, 'state') !== 'ended') open.add(id)
    for (const messageId of idsIn(row, 'message_ids')) turnOfInput.set(messageId, id)
  }
  for await (const row of source.rows('runs'))
    turnOfRun.set(textIn(row, 'id'), textIn(row, 'turn_id'))
  return { turnOfRun, turnOfInput, conversationOf, agentOf, open }
}

/** A row that goes because it was asked for. */
export function itemOf(row: StoredTextRow, kind: string): ForgetItem {
  return {
    kind,
    id: textIn(row, 'id'),
    reason: 'asked',
    effect: 'remove',
    snippet: null,
    becomes: null,
    at: numberIn(row, 'created_at'),
  }
}

/** The same for what is named by its id alone. */
export function asked(kind: string, id: string): ForgetItem {
  return { kind, id, reason: 'asked', effect: 'remove', snippet: null, becomes: null, at: null }
}

/** The error for a target that does not exist. */
export function missing(kind: string, id: string): AppError {
  return new AppError(
    'not_found',
    `Cannot forget the ${kind} ${id}: there is none with this id. Check the id.`,
    { data: { kind, id } },
  )
}

/** The error for what belongs to a turn that is not over. */
export function turnIsOpen(turnId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot forget the turn ${turnId}: it is not over. Wait for its end or cancel it, then try again.`,
    { data: { reason: 'running', turn_id: turnId } },
  )
}

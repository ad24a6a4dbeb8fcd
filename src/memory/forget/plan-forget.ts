import type { ForgetItem } from '../../domain/forget.ts'
import { AppError } from '../../errors/app-error.ts'
import type { StoredTextRow, TextEdit } from '../../storage/contract/forget-store.ts'
import {
  textTable,
  textTableNames,
  type TextKind,
  type TextTableName,
} from '../../storage/stored-texts.ts'
import { cutBlock, findBlockCuts, type BlockCut } from './block-cuts.ts'
import { cutValue, emptyValue, type Cutter } from './cut-value.ts'
import {
  idsIn,
  numberIn,
  textIn,
  type ForgetPlan,
  type ForgetWish,
  type TextSource,
} from './forget-plan.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { countItems, itemOf, keyOf } from './plan-items.ts'
import { deriveSummaries, type ChangedMessages, type WriteSummary } from './derive-summaries.ts'
import { findRemovals } from './find-removals.ts'
import { isRemoved, turnIsOpen, versionKey, type RemovalSet } from './removal-set.ts'
import { otherLines, shownBy, snippetOf } from './row-words.ts'
import { cutScheduled, scheduledWords, whySentGoes } from './scheduled.ts'

/**
 * Works out everything that has to go so that nothing of what is to be forgotten is left: what was asked for, the turns it
 * was said in, what memory made of it, and every quotation of it anywhere.
 *
 * Throws `not_found` for a target that does not exist, `conflict` for a turn that is not over, `invalid_argument` for a
 * query without a word.
 */
export async function planForget(
  source: TextSource,
  wish: ForgetWish,
  writeSummary: WriteSummary,
): Promise<ForgetPlan> {
  if (wish.query !== null && createMatcher([wish.query]).pieces.length === 0) {
    throw new AppError(
      'invalid_argument',
      'Cannot forget by a query without a letter, digit or emoji: it would fit nothing. Give words to look for.',
    )
  }
  const set = await findRemovals(source, wish)
  const cuts = await findBlockCuts(source, set)
  if (wish.keepQuotes) set.pieces.length = 0
  const planner = new Planner(set, cuts, askedWords(wish))
  for (const table of textTableNames) {
    for await (const row of source.rows(table)) planner.add(table, row)
  }
  planner.addSummaries(await deriveSummaries(source, planner.messages, writeSummary))
  return planner.finish()
}

/** The words of a query where whole messages go that hold them. */
function askedWords({ query, cutOnly }: ForgetWish): Matcher | null {
  return query === null || cutOnly ? null : createMatcher([query])
}

/** The column of the item whose versions rows of a table hold. */
const versionedBy: { readonly [Table in TextTableName]?: string } = {
  block_versions: 'block_id',
  passages: 'id',
  passage_versions: 'passage_id',
}

/** Judges rows one by one. */
class Planner {
  readonly #set: RemovalSet
  readonly #cuts: ReadonlyMap<string, readonly BlockCut[]>
  readonly #asked: Matcher | null
  readonly #cutter: Cutter
  readonly #edits: TextEdit[] = []
  readonly #rows: { readonly table: TextTableName; readonly key: (string | number)[] }[] = []
  readonly #blocks: { blockId: string; expectedVersion: number; value: string }[] = []
  readonly #rewritten: { table: 'messages' | 'passages'; row: StoredTextRow }[] = []
  readonly #unindexed: string[] = []
  readonly #eventsOf = new Set<string>()
  /** Turns whose words are cut somewhere: hashes of what was asked go. */
  readonly #cutTurns = new Set<string>()
  readonly #items: ForgetItem[]
  /** Summaries, until it is known which are written anew. */
  readonly #summaries: StoredTextRow[] = []
  readonly #keptConversations = new Set<string>()
  /** Versions whose text is cut, and those after them: their changes tell hashes of it. */
  readonly #cutVersions = new Set<string>()
  readonly #unhashed: Set<number>
  /** The deltas of the run whose events are looked at, joined: words may be parted between them. */
  #stream: { runId: string; text: string } = { runId: '', text: '' }

  constructor(
    set: RemovalSet,
    cuts: ReadonlyMap<string, readonly BlockCut[]>,
    asked: Matcher | null,
  ) {
    this.#set = set
    this.#cuts = cuts
    this.#asked = asked
    this.#items = [...set.items]
    this.#unhashed = new Set(set.changes)
    this.#cutter = {
      matcher: createMatcher(set.pieces),
      removedIds: new Set([
        ...set.messageIds,
        ...set.passageIds,
        ...set.factIds,
        ...Array.from(set.factVersions, (version) => version.slice(0, version.indexOf('@'))),
      ]),
    }
  }

  add(table: TextTableName, row: StoredTextRow): void {
    if (isRemoved(this.#set, table, row)) return
    if (table === 'conversations' && row['is_default'] === 1) {
      this.#keptConversations.add(textIn(row, 'id'))
    }
    if (table === 'memory_changes') this.#noteHashes(row)
    if (table === 'messages' && textIn(row, 'role') === 'summary') {
      this.#summaries.push(row)
      return
    }
    const reason = this.#whyRemoved(table, row)
    if (reason !== null && table === 'facts') this.#removeFact(row, reason)
    else if (reason !== null) this.#removeRow(table, row, reason)
    else if (table === 'events') this.#addEvent(row)
    else this.#edit(table, row)
  }

  /** Why a row goes as a whole, by itself; null = it stays, perhaps with fewer words. */
  #whyRemoved(table: TextTableName, row: StoredTextRow): ForgetItem['reason'] | null {
    const { sources, onSource, wholeTexts = [] } = textTable(table)
    const { emptiedIds, runIds, pastVersions, factIds, factVersions } = this.#set
    const { removedIds, matcher } = this.#cutter
    if (table === 'facts') {
      const version = versionKey(textIn(row, 'id'), numberIn(row, 'version'))
      if (factIds.has(textIn(row, 'id'))) return 'asked'
      if (factVersions.has(version)) return 'derived'
    }
    if (onSource === 'remove' && sources !== undefined) {
      const ids = idsIn(row, sources)
      if (ids.some((id) => removedIds.has(id) || emptiedIds.has(id))) return 'derived'
    }
    if (table === 'memory_proposals' && runIds.has(textIn(row, 'run_id'))) return 'derived'
    const { conversationIds } = this.#set
    const sent = { conversationIds, asked: this.#asked, cutter: this.#cutter }
    if (table === 'schedules' || table === 'signals') return whySentGoes(table, row, sent)
    if (table === 'passage_versions') {
      const version = versionKey(textIn(row, 'passage_id'), numberIn(row, 'version'))
      if (pastVersions.has(version)) return 'asked'
    }
    return wholeTexts.some((column) => matcher.matches(textIn(row, column))) ? 'quotes' : null
  }

  /** What happens to messages, once all were added. */
  get messages(): ChangedMessages {
    const rows = this.#rewritten.flatMap(({ table, row }) => (table === 'messages' ? [row] : []))
    const rewritten = new Map(rows.map((row) => [textIn(row, 'id'), row]))
    const { messageIds: removed, summaryIds } = this.#set
    return { removed, changed: new Set([...rewritten.keys(), ...summaryIds]), rewritten }
  }

  /** Adds the summaries: some with another content, the others without what they quote. */
  addSummaries(contents: ReadonlyMap<string, string>): void {
    for (const row of this.#summaries) {
      const content = contents.get(textIn(row, 'id'))
      if (content === undefined) {
        this.#edit('messages', row)
        continue
      }
      const key = keyOf('messages', row)
      const before = { content: textIn(row, 'content') }
      this.#edits.push({ table: 'messages', key, before, after: { content } })
      const reason = this.#set.summaryIds.has(textIn(row, 'id')) ? 'asked' : 'derived'
      this.#items.push({ ...itemOf('messages', key), kind: 'summary', reason, effect: 'cut' })
    }
  }

  finish(): ForgetPlan {
    this.#endStream()
    const set = this.#set
    return {
      removals: {
        messageIds: [...set.messageIds],
        turnIds: [...set.turnIds],
        eventsOf: [...this.#eventsOf].filter((id) => !set.runIds.has(id)),
        passageIds: [...set.passageIds],
        blockIds: [...set.blockIds],
        conversationIds: [...set.conversationIds].filter((id) => !this.#keptConversations.has(id)),
        agentIds: [...set.agentIds],
        rows: this.#rows,
      },
      edits: this.#edits,
      blocks: this.#blocks,
      unhashed: [...this.#unhashed],
      rewritten: this.#rewritten,
      unindexed: this.#unindexed,
      items: this.#items,
      counts: countItems(this.#items),
      matcher: this.#cutter.matcher,
    }
  }

  #noteHashes(row: StoredTextRow): void {
    const version = versionKey(textIn(row, 'item_id'), numberIn(row, 'version'))
    if (this.#cutVersions.has(version)) this.#unhashed.add(numberIn(row, 'number'))
  }

  #removeRow(table: TextTableName, row: StoredTextRow, reason: ForgetItem['reason']): void {
    const key = keyOf(table, row)
    this.#rows.push({ table, key })
    const snippet = table === 'schedules' ? snippetOf(scheduledWords(row)) : null
    this.#items.push({ ...itemOf(table, key), reason, effect: 'remove', snippet })
  }

  /** A version of a fact goes; what was known by it is found no more. */
  #removeFact(row: StoredTextRow, reason: ForgetItem['reason']): void {
    const key = keyOf('facts', row)
    this.#rows.push({ table: 'facts', key })
    if (row['closed_at'] === null) this.#unindexed.push(textIn(row, 'id'))
    const version = numberIn(row, 'version')
    for (const each of [version, version + 1]) {
      this.#cutVersions.add(versionKey(textIn(row, 'id'), each))
    }
    this.#items.push({
      ...itemOf('facts', key),
      reason,
      effect: 'remove',
      snippet: snippetOf(`${textIn(row, 'attribute')} = ${textIn(row, 'value')}`),
      at: numberIn(row, 'valid_from'),
    })
  }

  #addEvent(row: StoredTextRow): void {
    const runId = textIn(row, 'run_id')
    if (runId !== this.#stream.runId) {
      this.#endStream()
      this.#stream = { runId, text: '' }
    }
    if (this.#eventsOf.has(runId)) return
    const body = textIn(row, 'body')
    if (cutValue(body, 'json', this.#cutter) !== body) this.#eventsOf.add(runId)
    const event = JSON.parse(body) as { readonly text?: unknown; readonly argumentsText?: unknown }
    for (const part of [event.text, event.argumentsText]) {
      if (typeof part === 'string') this.#stream.text += part
    }
  }

  #endStream(): void {
    const { runId, text } = this.#stream
    if (this.#cutter.matcher.matches(text)) this.#eventsOf.add(runId)
  }

  #edit(table: TextTableName, row: StoredTextRow): void {
    const before: Record<string, string | null> = {}
    const after: Record<string, string | null> = {}
    for (const [column, kind] of Object.entries(textTable(table).texts)) {
      const value = row[column]
      if (typeof value !== 'string') continue
      const next = this.#next(table, row, { column, value, kind })
      if (next === value) continue
      before[column] = value
      after[column] = kind === 'address' && next === '' ? null : next
    }
    if (Object.keys(after).length > 0) this.#noteTurn(table, row)
    this.#dropHashes(table, row, { before, after })
    const blockValue = after['value']
    if (table === 'blocks' && typeof blockValue === 'string') {
      const blockId = textIn(row, 'id')
      this.#blocks.push({ blockId, expectedVersion: numberIn(row, 'version'), value: blockValue })
      delete before['value']
      delete after['value']
      this.#note(table, row, {
        reason: this.#cuts.has(blockId) ? 'derived' : 'quotes',
        text: otherLines(textIn(row, 'value'), blockValue),
        becomes: otherLines(blockValue, textIn(row, 'value')),
      })
      if (Object.keys(after).length === 0) return
    } else if (Object.keys(after).length === 0) return
    this.#requireOver(table, row)
    this.#edits.push({ table, key: keyOf(table, row), before, after })
    const { texts } = textTable(table)
    if (Object.keys(after).some((column) => column in texts)) this.#noteEdit(table, row, after)
  }

  /** What an open turn still works with must not change under it. */
  #requireOver(table: TextTableName, row: StoredTextRow): void {
    const turnId = table === 'runs' ? undefined : this.#turnOf(table, row)
    if (turnId !== undefined && this.#set.openTurns.has(turnId)) throw turnIsOpen(turnId)
  }

  #turnOf(table: TextTableName, row: StoredTextRow): string | undefined {
    if (table === 'turns') return textIn(row, 'id')
    if (table === 'messages') return this.#set.turnOfRun.get(textIn(row, 'run_id'))
    return table === 'runs' || table === 'tool_calls' ? textIn(row, 'turn_id') : undefined
  }

  #noteTurn(table: TextTableName, row: StoredTextRow): void {
    const turnId = this.#turnOf(table, row)
    if (turnId !== undefined) this.#cutTurns.add(turnId)
  }

  /** Takes the hashes out of a row whose words, or those of whose turn, are cut. */
  #dropHashes(
    table: TextTableName,
    row: StoredTextRow,
    { before, after }: Record<'before' | 'after', Record<string, string | null>>,
  ): void {
    const turnId = this.#turnOf(table, row)
    if (turnId === undefined || !this.#cutTurns.has(turnId)) return
    for (const column of textTable(table).hashes ?? []) {
      const hash = row[column]
      if (typeof hash !== 'string') continue
      before[column] = hash
      after[column] = null
    }
  }

  #next(
    table: TextTableName,
    row: StoredTextRow,
    {
      column,
      value,
      kind,
    }: { readonly column: string; readonly value: string; readonly kind: TextKind },
  ): string {
    if (this.#isEmptied(table, row) && kind === 'json') {
      if (table === 'messages') return value === '[]' ? value : emptyValue(column, value)
      return column === 'arguments' ? '{}' : emptyValue(column, value)
    }
    if (column === 'value' && (table === 'blocks' || table === 'block_versions')) {
      const blockId = textIn(row, table === 'blocks' ? 'id' : 'block_id')
      const version = numberIn(row, 'version')
      const own = (this.#cuts.get(blockId) ?? []).filter(({ from }) => from <= version)
      return cutBlock(value, this.#cutter.matcher, own)
    }
    if (table === 'schedules' && kind === 'json') return cutScheduled(value, this.#cutter) ?? value
    return cutValue(value, kind, this.#cutter)
  }

  /** Whether a message stays as a place without words, or a call is one of its step. */
  #isEmptied(table: TextTableName, row: StoredTextRow): boolean {
    if (table === 'messages') return this.#set.emptiedIds.has(textIn(row, 'id'))
    return table === 'tool_calls' && this.#set.emptiedSteps.has(textIn(row, 'step_id'))
  }

  #noteEdit(
    table: TextTableName,
    row: StoredTextRow,
    after: Readonly<Record<string, string | null>>,
  ): void {
    const itemId = versionedBy[table]
    if (itemId !== undefined) {
      const [id, version] = [textIn(row, itemId), numberIn(row, 'version')]
      for (const each of [version, version + 1]) this.#cutVersions.add(versionKey(id, each))
    }
    if (table === 'blocks') return
    if (table === 'messages' || table === 'passages') {
      this.#rewritten.push({ table, row: { ...row, ...after } })
      if (typeof row['run_id'] === 'string') this.#eventsOf.add(row['run_id'])
      if (this.#set.emptiedIds.has(textIn(row, 'id'))) return
    }
    const wordsOf = shownBy[table]
    if (wordsOf === undefined) {
      this.#items.push({ ...itemOf(table, keyOf(table, row)), reason: 'quotes', effect: 'cut' })
      return
    }
    const [text, becomes] = [wordsOf(row), wordsOf({ ...row, ...after })]
    this.#note(table, row, { reason: 'quotes', text, becomes })
  }

  #note(
    table: TextTableName,
    row: StoredTextRow,
    {
      reason,
      text,
      becomes,
    }: {
      readonly reason: ForgetItem['reason']
      readonly text: string
      readonly becomes: string
    },
  ): void {
    const at = row['created_at']
    this.#items.push({
      ...itemOf(table, keyOf(table, row)),
      reason,
      effect: 'cut',
      snippet: snippetOf(text),
      becomes: snippetOf(becomes),
      at: typeof at === 'number' ? at : null,
    })
  }
}

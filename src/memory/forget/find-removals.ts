import type { ForgetTarget, WholeTarget } from '../../domain/forget.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { addBlockTexts } from './add-block-texts.ts'
import { factPieces } from './fact-pieces.ts'
import { findAskedMessages } from './asked-messages.ts'
import { idsIn, numberIn, textIn, type ForgetWish, type TextSource } from './forget-plan.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { tellingPieces } from './needles.ts'
import {
  asked,
  emptySet,
  itemOf,
  missing,
  readTurns,
  turnIsOpen,
  versionKey,
  type RemovalSet,
  type Turns,
} from './removal-set.ts'
import { messageWords, snippetOf } from './row-words.ts'

/** Works out what goes as a whole: the targets, the turns they are in, and what memory made of them. */
export async function findRemovals(source: TextSource, wish: ForgetWish): Promise<RemovalSet> {
  const turns = await readTurns(source)
  const set = emptySet(turns)
  const matcher = wish.query === null ? null : createMatcher([wish.query])
  set.pieces.push(...(matcher?.pieces ?? []), ...(wish.pieces ?? []))
  await addTargets(source, set, { wish, turns })
  const words = wish.cutOnly ? null : matcher
  await findAskedMessages(source, set, { wish, turns, matcher: words })
  await closeTurns(source, set, turns)
  await addMemory(source, set, words)
  await addBlockTexts(source, set)
  set.pieces.push(...(matcher?.spellings ?? []))
  return set
}

async function addTargets(
  source: TextSource,
  set: RemovalSet,
  { wish, turns }: { readonly wish: ForgetWish; readonly turns: Turns },
): Promise<void> {
  const changes = wish.targets.filter((target) => target.kind === 'change')
  for (const target of wish.targets) addTarget(set, target, turns)
  if (changes.length === 0) return
  const wanted = new Set(changes.map(({ number }) => number))
  for await (const row of source.rows('memory_changes')) {
    const number = numberIn(row, 'number')
    if (!wanted.delete(number)) continue
    addAskedChange(set, row)
  }
  for (const number of wanted) throw missing('change', `m-${number}`)
}

/** What a change brought in; for one that deleted a passage, all that is left of that. */
function addAskedChange(set: RemovalSet, row: StoredTextRow): void {
  const id = textIn(row, 'item_id')
  const subject = textIn(row, 'subject')
  set.changes.add(numberIn(row, 'number'))
  set.items.push({ ...asked('change', `m-${numberIn(row, 'number')}`), effect: 'cut' })
  const isDeleted = textIn(row, 'action') === 'delete'
  if (subject === 'passage' && isDeleted) set.passageIds.add(id)
  else if (subject === 'fact' && isDeleted) set.factIds.add(id)
  else addVersion(set, subject, { id, version: numberIn(row, 'version') })
}

function addTarget(set: RemovalSet, target: ForgetTarget, turns: Turns): void {
  switch (target.kind) {
    case 'passage':
      set.passageIds.add(target.id)
      break
    case 'fact':
      set.factIds.add(target.id)
      break
    case 'version':
      addVersion(set, target.id.slice(0, target.id.indexOf('-')), target)
      break
    case 'message':
    case 'change':
      break
    default:
      addWhole(set, target, turns)
  }
}

/** Adds what is more than one row. */
function addWhole(
  set: RemovalSet,
  { kind, id }: WholeTarget,
  { turnOfRun, conversationOf, agentOf }: Turns,
): void {
  set.items.push(asked(kind, id))
  const turnsOf = (owners: ReadonlyMap<string, string>): void => {
    for (const [turnId, owner] of owners) if (owner === id) set.turnIds.add(turnId)
  }
  switch (kind) {
    case 'block':
      set.blockIds.add(id)
      break
    case 'run': {
      const turnId = turnOfRun.get(id)
      if (turnId === undefined) throw missing('run', id)
      set.turnIds.add(turnId)
      break
    }
    case 'turn':
      set.turnIds.add(id)
      break
    case 'conversation':
      set.conversationIds.add(id)
      turnsOf(conversationOf)
      break
    case 'agent':
      set.agentIds.add(id)
      turnsOf(agentOf)
      break
  }
}

function addVersion(
  set: RemovalSet,
  subject: string,
  { id, version }: { readonly id: string; readonly version: number },
): void {
  if (subject === 'fact') set.factVersions.add(versionKey(id, version))
  else if (subject === 'passage') set.pastVersions.add(versionKey(id, version))
  else set.derivedVersions.add(versionKey(id, version))
}

/** Adds the runs of turns that go, and all their messages. Throws `conflict` for a turn that is not over. */
async function closeTurns(source: TextSource, set: RemovalSet, turns: Turns): Promise<void> {
  for (const turnId of set.turnIds) {
    if (turns.open.has(turnId)) throw turnIsOpen(turnId)
    if (!turns.conversationOf.has(turnId)) throw missing('turn', turnId)
  }
  for (const [runId, turnId] of turns.turnOfRun) if (set.turnIds.has(turnId)) set.runIds.add(runId)
  const explicit = new Set(
    set.items.flatMap(({ kind, id }) => (kind === 'turn' || kind === 'run' ? [id] : [])),
  )
  for await (const row of source.rows('messages')) {
    const id = textIn(row, 'id')
    const inputOf = turns.turnOfInput.get(id)
    const runId = textIn(row, 'run_id')
    const turnId = inputOf ?? turns.turnOfRun.get(runId)
    // A summary was written in the turn, but is not about it.
    const isOther = set.messageIds.has(id) || textIn(row, 'role') === 'summary'
    if (turnId === undefined || !set.turnIds.has(turnId) || isOther) continue
    const isAsked = explicit.has(turnId) || explicit.has(runId)
    addOfTurn(set, row, { isInput: inputOf !== undefined, isAsked })
  }
}

/** A message goes with its turn. */
function addOfTurn(
  set: RemovalSet,
  row: StoredTextRow,
  { isInput, isAsked }: { readonly isInput: boolean; readonly isAsked: boolean },
): void {
  const id = textIn(row, 'id')
  const words = messageWords(row)
  set.messageIds.add(id)
  set.emptiedIds.delete(id)
  if (isInput) set.pieces.push(...tellingPieces(words))
  const reason = isInput && isAsked ? 'asked' : 'same-turn'
  set.items.push({ ...itemOf(row, 'message'), reason, snippet: snippetOf(words) })
}

/** Adds what memory made of what goes: passages as a whole, versions of blocks by what they brought in. */
async function addMemory(
  source: TextSource,
  set: RemovalSet,
  matcher: Matcher | null,
): Promise<void> {
  const isGone = (ids: readonly string[]): boolean =>
    ids.some((id) => set.messageIds.has(id) || set.emptiedIds.has(id))
  const named = new Set(set.passageIds)
  const known = new Set<string>()
  for await (const row of source.rows('memory_changes')) {
    const itemId = textIn(row, 'item_id')
    known.add(itemId)
    const isDerived =
      isGone(idsIn(row, 'source_message_ids')) ||
      (row['run_id'] !== null && set.runIds.has(textIn(row, 'run_id')))
    if (isDerived) addDerivedChange(set, row)
  }
  for await (const row of source.rows('passages')) {
    const id = textIn(row, 'id')
    known.add(id)
    const isAsked =
      named.has(id) ||
      set.pastVersions.delete(versionKey(id, numberIn(row, 'version'))) ||
      matcher?.matches(textIn(row, 'text')) === true
    const isDerived = set.passageIds.has(id) || isGone(idsIn(row, 'source_message_ids'))
    if (!isAsked && !isDerived) continue
    set.passageIds.add(id)
    set.pieces.push(...tellingPieces(textIn(row, 'text')))
    const reason = isAsked ? 'asked' : 'derived'
    set.items.push({ ...itemOf(row, 'passage'), reason, snippet: snippetOf(textIn(row, 'text')) })
  }
  await addPastPassages(source, set, known)
  await addFacts(source, set, isGone)
  for (const id of named) if (!known.has(id)) throw missing('passage', id)
}

function addDerivedChange(set: RemovalSet, row: StoredTextRow): void {
  set.changes.add(numberIn(row, 'number'))
  const action = textIn(row, 'action')
  if (action !== 'create' && action !== 'edit') return
  const itemId = textIn(row, 'item_id')
  const subject = textIn(row, 'subject')
  if (subject === 'passage') set.passageIds.add(itemId)
  else if (subject === 'fact') set.factVersions.add(versionKey(itemId, numberIn(row, 'version')))
  else set.derivedVersions.add(versionKey(itemId, numberIn(row, 'version')))
}

/** Adds the facts that were taken from what goes; what they say is looked for elsewhere, too. */
async function addFacts(
  source: TextSource,
  set: RemovalSet,
  isGone: (ids: readonly string[]) => boolean,
): Promise<void> {
  const named = new Set(set.factIds)
  for await (const row of source.rows('facts')) {
    const id = textIn(row, 'id')
    const key = versionKey(id, numberIn(row, 'version'))
    named.delete(id)
    const isAsked = set.factIds.has(id)
    if (!isAsked && !set.factVersions.has(key) && !isGone(idsIn(row, 'source_message_ids')))
      continue
    set.factVersions.add(key)
    set.pieces.push(...factPieces(row))
  }
  for (const id of named) throw missing('fact', id)
}

async function addPastPassages(
  source: TextSource,
  set: RemovalSet,
  known: Set<string>,
): Promise<void> {
  for await (const row of source.rows('passage_versions')) {
    const id = textIn(row, 'passage_id')
    known.add(id)
    const isAsked = set.pastVersions.has(versionKey(id, numberIn(row, 'version')))
    if (!isAsked && !set.passageIds.has(id)) continue
    const item = JSON.parse(textIn(row, 'item')) as { readonly text?: unknown }
    if (typeof item.text === 'string') set.pieces.push(...tellingPieces(item.text))
  }
}

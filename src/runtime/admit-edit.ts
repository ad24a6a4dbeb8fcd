import type { Passage } from '../domain/archive.ts'
import { isTrusted } from '../domain/fact.ts'
import type { Block } from '../domain/block.ts'
import {
  admitText,
  createOrigins,
  originOfName,
  type TextSources,
} from '../memory/admission/admit-text.ts'
import { mayReverse, tellingOf } from '../memory/analysis/may-reverse.ts'
import type { MemoryEdit, PassageDraft } from '../tools/tool.ts'
import { splitPassage } from '../memory/split-passage.ts'
import { textSources } from './text-sources.ts'
import type { ActiveTurn } from './turn-state.ts'

/** What the model reads beside the rest when a text waits until a person trusts it. */
const heldBack =
  'Its words come from a tool, so it is not recalled by itself until a person approves it.'

/** How many passages with the same text are looked at, and how many later ones at a time and in all. */
const sameAtOnce = 1000
const laterAtOnce = 500
const laterInAll = 2000

/**
 * An edit with the texts that memory takes: what is stored already is not stored twice, unless something that was stored since
 * may take it back; each text has its origin.
 * Throws the refusal of {@link admitText}.
 */
export async function admitEdit(turn: ActiveTurn, edit: MemoryEdit): Promise<MemoryEdit> {
  if (edit.passages.length === 0) return edit
  const sources = textSources(turn)
  const fresh: PassageDraft[] = []
  const stored: string[] = []
  for (const draft of edit.passages.flatMap((each) => toPieces(each, sources))) {
    if (draft.piece !== undefined) {
      const [known] = await findSame(turn, draft)
      if (known === undefined) fresh.push(draft)
      else stored.push(known.id)
      continue
    }
    const same = await findSame(turn, draft)
    const newest = same.at(-1)
    if (newest === undefined || (await mayBeReversed(turn, newest))) {
      const origin = admitText(draft.text, sources)
      fresh.push({ ...draft, origin, repeats: same.map(({ id }) => id) })
    } else stored.push(newest.id)
  }
  const notes = [
    ...(fresh.length === 0 ? [] : [edit.text]),
    ...(fresh.every(({ origin }) => isTrusted(origin)) ? [] : [heldBack]),
    ...(stored.length === 0
      ? []
      : [`Stored in archival memory before as ${namePassages(stored)}: nothing was stored twice.`]),
  ]
  return { ...edit, passages: fresh, text: notes.join(' ') }
}

/** How many ids of passages a model is told; those of a long text are many and say no more. */
const toldIds = 5

/** Passages, for a model to read. */
export function namePassages(ids: readonly string[]): string {
  if (ids.length <= toldIds) return ids.join(', ')
  return `${ids.length} pieces, ${ids[0]} to ${ids.at(-1)}`
}

/** A text too long for one passage in pieces: admitted as a whole, and each held back that is of words of a tool by itself. */
function toPieces(draft: PassageDraft, sources: TextSources): readonly PassageDraft[] {
  const pieces = splitPassage(draft.text)
  if (pieces.length === 1) return [draft]
  const origin = admitText(draft.text, sources)
  const originOf = createOrigins(sources)
  return pieces.map(({ text, piece }) => ({
    ...draft,
    text,
    origin: isTrusted(origin) ? originOf(text) : origin,
    ...(piece !== null && { piece }),
  }))
}

/**
 * Whether an edit would bring words of a tool into core memory, which the model reads as its own at each step: a person
 * has to see that first. What the user says in the turn, what stands in the block already and what is taken out of it does not
 * count.
 */
export function bringsToolWords(
  turn: ActiveTurn,
  edit: Pick<MemoryEdit, 'blocks' | 'newBlocks'>,
  blocks: readonly Block[],
): boolean {
  const added = [
    ...edit.blocks.map(({ blockId, value = '', description = '' }) => {
      const block = blocks.find(({ id }) => id === blockId)
      return [
        addedLines(value, block?.value ?? ''),
        addedLines(description, block?.description ?? ''),
      ].join('\n')
    }),
    ...(edit.newBlocks ?? []).map(({ value, description }) => `${value}\n${description}`),
  ].filter((text) => text.trim() !== '')
  const labels = [...edit.blocks, ...(edit.newBlocks ?? [])].flatMap(({ label }) => label ?? [])
  if (added.length + labels.length === 0) return false
  const sources = textSources(turn)
  const originOf = createOrigins(sources)
  return (
    added.some((text) => !isTrusted(originOf(text))) ||
    labels.some((label) => !isTrusted(originOfName(label, sources)))
  )
}

function addedLines(text: string, before: string): string {
  const known = new Set(before.split('\n'))
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}

/** The passages that are this text with these tags or more, oldest first. */
async function findSame(
  { parts, scope, work }: ActiveTurn,
  { text, tags }: PassageDraft,
): Promise<readonly Passage[]> {
  const query = { agentId: work.agent.id, text, limit: sameAtOnce, order: 'asc' } as const
  const same = await parts.store.listPassages(scope, query)
  return same.filter((passage) => tags.every((tag) => passage.tags.includes(tag)))
}

/** Whether a later passage may take back what one says; where too many are later, one of them may. */
async function mayBeReversed(
  { parts, scope, work }: ActiveTurn,
  { id, text }: Passage,
): Promise<boolean> {
  const telling = tellingOf(text)
  let after = id
  for (let looked = 0; looked < laterInAll; looked += laterAtOnce) {
    const query = { agentId: work.agent.id, limit: laterAtOnce, order: 'asc', after } as const
    const later = await parts.store.listPassages(scope, query)
    if (later.some((passage) => mayReverse(tellingOf(passage.text), telling))) return true
    const last = later.at(-1)
    if (last === undefined || later.length < laterAtOnce) return false
    after = last.id
  }
  return true
}

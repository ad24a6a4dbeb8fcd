import type { Passage } from '../domain/archive.ts'
import { isTrusted } from '../domain/fact.ts'
import type { Block } from '../domain/block.ts'
import { admitText, originOf } from '../memory/admission/admit-text.ts'
import type { MemoryEdit, PassageDraft } from '../tools/tool.ts'
import { textSources } from './text-sources.ts'
import type { ActiveTurn } from './turn-state.ts'

/** What the model reads beside the rest when a text waits until a person trusts it. */
const heldBack =
  'Its words come from a tool, so it is not recalled by itself until a person approves it.'

/**
 * An edit with the texts that memory takes: what is stored already is not stored twice, each text has its origin.
 * Throws the refusal of {@link admitText}.
 */
export async function admitEdit(turn: ActiveTurn, edit: MemoryEdit): Promise<MemoryEdit> {
  if (edit.passages.length === 0) return edit
  const sources = textSources(turn)
  const fresh: PassageDraft[] = []
  const stored: string[] = []
  for (const draft of edit.passages) {
    const same = await findSame(turn, draft)
    if (same === undefined) fresh.push({ ...draft, origin: admitText(draft.text, sources) })
    else stored.push(same.id)
  }
  const notes = [
    ...(fresh.length === 0 ? [] : [edit.text]),
    ...(fresh.every(({ origin }) => isTrusted(origin)) ? [] : [heldBack]),
    ...(stored.length === 0
      ? []
      : [`Stored in archival memory before as ${stored.join(', ')}: nothing was stored twice.`]),
  ]
  return { ...edit, passages: fresh, text: notes.join(' ') }
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
  if (added.length === 0) return false
  const sources = textSources(turn)
  return added.some((text) => !isTrusted(originOf(text, sources)))
}

function addedLines(text: string, before: string): string {
  const known = new Set(before.split('\n'))
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}

/** The passage that is this text with these tags or more. */
async function findSame(
  { parts, scope, work }: ActiveTurn,
  { text, tags }: PassageDraft,
): Promise<Passage | undefined> {
  const query = { agentId: work.agent.id, text, limit: 100, order: 'asc' } as const
  const same = await parts.store.listPassages(scope, query)
  return same.find((passage) => tags.every((tag) => passage.tags.includes(tag)))
}

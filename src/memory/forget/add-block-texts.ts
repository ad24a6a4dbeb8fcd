import { textIn, type TextSource } from './forget-plan.ts'
import { isTelling, tellingPieces } from './needles.ts'
import type { RemovalSet } from './removal-set.ts'
import { snippetOf } from './row-words.ts'

/** The longest text of a block that is looked for as one, in characters; a longer one by its sentences and lines alone. */
const longestWhole = 2000

/**
 * Adds what blocks say that go, and said: what tools returned of them, and what was copied from them, goes, too. Those of an
 * agent that goes are left out, as all it said goes with them.
 */
export async function addBlockTexts(source: TextSource, set: RemovalSet): Promise<void> {
  if (set.blockIds.size === 0 || set.agentIds.size > 0) return
  for await (const row of source.rows('blocks')) {
    const id = textIn(row, 'id')
    if (!set.blockIds.has(id)) continue
    const value = textIn(row, 'value')
    addPieces(set, value)
    const place = set.items.findIndex((item) => item.kind === 'block' && item.id === id)
    const item = set.items[place]
    if (item !== undefined) set.items[place] = { ...item, snippet: snippetOf(value) }
  }
  const before = new Map<string, ReadonlySet<string>>()
  for await (const row of source.rows('block_versions')) {
    const id = textIn(row, 'block_id')
    if (!set.blockIds.has(id)) continue
    const value = textIn(row, 'value')
    const lines = value.split('\n')
    const known = before.get(id) ?? new Set()
    before.set(id, new Set(lines))
    addPieces(set, value)
    // A call holds what it brought in, also short lines.
    addWhole(set, lines.filter((line) => !known.has(line)).join('\n'))
  }
}

/** A return shows a block whole, and lines of it that are short tell where they come from together. */
function addPieces(set: RemovalSet, value: string): void {
  set.pieces.push(...tellingPieces(value))
  addWhole(set, value)
}

function addWhole(set: RemovalSet, text: string): void {
  if (text.length <= longestWhole && isTelling(text)) set.pieces.push(text)
}

import type { BlockDraft } from '../../wire/block.ts'
import { defaultBlockLimit } from '../../domain/block.ts'

/** Descriptions of blocks that are created without one, by label. */
const descriptions: ReadonlyMap<string, string> = new Map([
  [
    'persona',
    'Who you are: your name, character, manner of speaking and what you care about. Keep it current as you develop.',
  ],
  [
    'human',
    'What you know about the person you talk with: name, situation, preferences, decisions. Update it whenever you learn something lasting.',
  ],
  ['task', 'What you are working on now, what is decided and what is next.'],
])

/** The blocks of `memory_type: "base_memory"`. */
export const baseMemoryBlocks: readonly BlockDraft[] = [
  baseBlock('persona', 'I am a helpful assistant. I remember what I am told.'),
  baseBlock('human', ''),
]

/** A draft with the default description of its label, when it has none. */
export function withDescription(draft: BlockDraft): BlockDraft {
  return { ...draft, description: draft.description ?? descriptions.get(draft.label) ?? null }
}

function baseBlock(label: string, value: string): BlockDraft {
  return {
    label,
    value,
    limit: defaultBlockLimit,
    description: null,
    readOnly: false,
    metadata: {},
    tags: [],
    hidden: false,
    extra: {},
  }
}

import { z } from 'zod'
import { editAsSeen, insertText, replaceOnce } from '../../memory/blocks/edit-block.ts'
import {
  createInDraft,
  describeInDraft,
  detachInDraft,
  draftMemory,
  editInDraft,
  type MemoryDraft,
  renameInDraft,
} from '../../memory/blocks/memory-draft.ts'
import { AppError } from '../../errors/app-error.ts'
import type { MemorySnapshot, MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toDraftEdit } from './block-result.ts'

const commands = ['create', 'str_replace', 'insert', 'delete', 'rename'] as const

const parameters = z.lazy(() =>
  z.object({
    command: z
      .enum(commands)
      .describe(
        'create: path, description, file_text. str_replace: path, old_string, new_string. insert: path, insert_text, insert_line. delete: path. rename: old_path, new_path; or path and description to say anew what a block is for.',
      ),
    path: z.string().optional().describe('The memory block, such as "/memories/human".'),
    file_text: z.string().optional().describe('The first text of a new block.'),
    description: z.string().optional().describe('What the block is for.'),
    old_string: z
      .string()
      .optional()
      .describe('The text to replace, exactly as it stands in the block; it must occur once.'),
    new_string: z.string().optional().describe('What to write in its place; empty deletes it.'),
    insert_line: z
      .int()
      .optional()
      .describe('Insert after this line: 0 = at the beginning. Default: at the end.'),
    insert_text: z.string().optional().describe('The text to insert as new lines.'),
    old_path: z.string().optional().describe('The block to rename.'),
    new_path: z.string().optional().describe('Its new path.'),
  }),
)

type Arguments = z.infer<typeof parameters>

/** Creates, edits, renames and removes memory blocks. */
export const memory: MemoryTool<Arguments> = {
  kind: 'memory',
  name: 'memory',
  description:
    'Manage memory blocks, which are always in view: create one, replace or insert text, rename or describe one, or remove one that is no longer needed (its text stays stored and can be brought back). A block has a path such as "/memories/human". Returns what the block is now.',
  parameters,
  tags: ['letta_memory_core'],
  toolType: 'letta_memory_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit: (input, snapshot) => toDraftEdit(apply(input, snapshot)),
}

function apply(input: Arguments, { blocks, seen = {} }: MemorySnapshot): MemoryDraft {
  const draft = draftMemory(blocks)
  switch (input.command) {
    case 'create':
      return createInDraft(draft, {
        label: labelOf(input, 'path'),
        description: needed(input, 'description'),
        value: input.file_text ?? '',
      })
    case 'str_replace': {
      const oldText = needed(input, 'old_string')
      const newText = needed(input, 'new_string')
      return editInDraft(draft, labelOf(input, 'path'), (block) =>
        replaceOnce(block, { oldText, newText }),
      )
    }
    case 'insert': {
      const text = needed(input, 'insert_text')
      const line = input.insert_line ?? -1
      return editInDraft(draft, labelOf(input, 'path'), (block) =>
        line === -1
          ? insertText(block, text, line)
          : editAsSeen(block, seen[block.stored?.id ?? ''], (shown) =>
              insertText(shown, text, line),
            ),
      )
    }
    case 'delete':
      return detachInDraft(draft, labelOf(input, 'path'))
    case 'rename':
      return rename(draft, input)
  }
}

function rename(draft: MemoryDraft, input: Arguments): MemoryDraft {
  if (input.old_path === undefined && input.new_path === undefined) {
    return describeInDraft(draft, labelOf(input, 'path'), needed(input, 'description'))
  }
  const label = labelOf(input, 'new_path')
  const renamed = renameInDraft(draft, labelOf(input, 'old_path'), label)
  return input.description === undefined
    ? renamed
    : describeInDraft(renamed, label, input.description)
}

/** The label in a path: `/memories/human` and `human` mean the same; a slash within a label stays. */
function labelOf(input: Arguments, field: 'path' | 'old_path' | 'new_path'): string {
  return needed(input, field).replace(/^\/(?:memories\/)?/, '')
}

function needed(
  input: Arguments,
  field: Exclude<keyof Arguments, 'insert_line' | 'command'>,
): string {
  const value = input[field]
  if (value !== undefined) return value
  throw new AppError(
    'invalid_argument',
    `Cannot ${input.command} memory: the argument ${field} is missing. Call the tool again with it.`,
  )
}

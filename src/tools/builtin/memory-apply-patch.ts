import { z } from 'zod'
import { applyPatch } from '../../memory/blocks/apply-patch.ts'
import { draftMemory } from '../../memory/blocks/memory-draft.ts'
import { parsePatch } from '../../memory/blocks/parse-patch.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toDraftEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z
      .string()
      .describe(
        'Label of the memory block the patch is for; sections of the patch may name others.',
      ),
    patch: z
      .string()
      .describe(
        'Lines that begin with " " (stays), "-" (goes) or "+" (comes), in hunks that "@@" sets apart. Or sections that begin with "*** Update Block: label" (then "*** Move to: new label" renames it), "*** Add Block: label" (then "Description: text" and "+" lines) or "*** Delete Block: label".',
      ),
  }),
)

/** Applies a patch to one or several memory blocks, all of it or nothing. */
export const memoryApplyPatch: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_apply_patch',
  description:
    'Change memory blocks by a patch, all of it or nothing. The lines that stay or go must match the block exactly, in one place. Hunks of only new lines are added at the end. Use it for several changes at once. Returns what the blocks are now.',
  parameters,
  tags: ['letta_sleeptime_core'],
  toolType: 'letta_sleeptime_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit: ({ label, patch }, { blocks }) =>
    toDraftEdit(applyPatch(draftMemory(blocks), parsePatch(label, patch))),
}

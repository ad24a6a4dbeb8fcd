import { z } from 'zod'
import { factText } from '../../domain/fact.ts'
import { AppError } from '../../errors/app-error.ts'
import { instructionSlot } from '../../memory/facts/fact-keys.ts'
import { placeFact, type FactRequest } from '../../memory/facts/place-fact.ts'
import { tellEdits, tellFact } from '../../memory/facts/tell-fact.ts'
import { toInstruction } from '../../memory/facts/to-statement.ts'
import { isSaidBy, touches } from '../../memory/facts/said-by.ts'
import { type FactSnapshot, type MemoryEdit, type MemoryTool, noFacts } from '../tool.ts'
import { memoryReturnLimit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    command: z.enum(['add', 'remove', 'list']),
    instruction: z
      .string()
      .optional()
      .describe('add: in the user’s words; remove: its text or id.'),
    until: z.string().optional().describe('Its last day, if it was said.'),
  }),
)

/** Keeps what the user wants always or never done. */
export const standingInstructions: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'standing_instructions',
  description:
    'Keep what the user wants done always or never. What they did not say in their own words waits for their review.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  factSlots: () => [instructionSlot],
  edit({ command, instruction = '', until }, { now, facts = noFacts }) {
    if (command === 'list') return listAll(facts)
    const request =
      command === 'add' ? adding({ instruction, until, now }, facts) : removing(instruction, facts)
    const { agentId, known, timezone, userText } = facts
    const edits = placeFact(known, request, { actor: { kind: 'agent', id: agentId } })
    const isSaid =
      request.kind === 'state'
        ? isSaidBy(request.statement.value, userText)
        : known.some(({ id, value }) => id === request.factId && touches(value, userText))
    return {
      blocks: [],
      passages: [],
      facts: { requests: [request], edits },
      needsReview: !isSaid,
      text: tellEdits(edits, known, { now, timezone }),
    }
  },
}

function listAll({ known, timezone }: FactSnapshot): MemoryEdit {
  const lines = known.map((fact) => `- ${fact.id}: ${tellFact(fact, timezone)}`)
  return {
    blocks: [],
    passages: [],
    text: lines.length === 0 ? 'There are no standing instructions.' : lines.join('\n'),
  }
}

function adding(
  given: { readonly instruction: string; readonly until: string | undefined; readonly now: number },
  { agentId, sourceMessageIds, timezone }: FactSnapshot,
): FactRequest {
  const { instruction: text, until, now } = given
  const stating = { agentId, origin: 'agent', sourceMessageIds, now, timezone } as const
  return { kind: 'state', statement: toInstruction({ text, until }, stating), corrects: false }
}

function removing(instruction: string, { known }: FactSnapshot): FactRequest {
  const wanted = instruction.trim().toLowerCase()
  const found = known.find((fact) => fact.id === wanted || factText(fact).toLowerCase() === wanted)
  if (found !== undefined) return { kind: 'close', factId: found.id }
  const texts = known.map(({ value }) => JSON.stringify(value)).join(', ')
  throw new AppError(
    'not_found',
    `Cannot remove the instruction ${JSON.stringify(instruction)}: there is none of this text. Use one of: ${texts || 'none'}.`,
  )
}

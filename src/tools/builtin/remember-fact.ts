import { z } from 'zod'
import { isTrusted } from '../../domain/fact.ts'
import { originOf, originOfName } from '../../memory/admission/admit-text.ts'
import { slotOf } from '../../memory/facts/fact-keys.ts'
import { placeFact, type FactRequest } from '../../memory/facts/place-fact.ts'
import { tellEdits } from '../../memory/facts/tell-fact.ts'
import { toStatement } from '../../memory/facts/to-statement.ts'
import { noFacts, type MemoryTool } from '../tool.ts'
import { memoryReturnLimit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    attribute: z.string().describe('In few words that you would use again: "city", "base images".'),
    value: z.string(),
    subject: z
      .string()
      .optional()
      .describe('Such as "Anna" or "billing service". Default: the user.'),
    since: z
      .string()
      .optional()
      .describe('If it was said: "2026-03-01", "last month". Default: now.'),
    until: z.string().optional().describe('If it was said; inclusive.'),
    additional: z
      .boolean()
      .default(false)
      .describe('It stands beside other values, as one more language does.'),
    correction: z.boolean().default(false).describe('What was known was wrong, not just over.'),
  }),
)

/** What the model reads beside the rest when a fact waits until a person trusts it. */
const heldBack =
  'Its words come from a tool, so it replaces nothing the user said and is not in view until a person approves it.'

/** Remembers a fact; what it was before stays known as the past. */
export const rememberFact: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'remember_fact',
  description:
    'Remember one fact about something that may change: where somebody lives, which tool a project uses. A new value ends the one before by itself.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  factSlots: ({ subject, attribute }) => [slotOf(subject ?? '', attribute)],
  edit(input, { now, facts = noFacts }) {
    const { additional: isAdded, correction: corrects, ...given } = input
    const { agentId, timezone, sourceMessageIds, known, userText: said, returned } = facts
    const sources = { said, returned }
    const about = originOfName(`${given.subject ?? ''} ${given.attribute}`.trim(), sources)
    const origin = isTrusted(about) ? originOf(given.value, sources) : about
    const stating = { agentId, origin, sourceMessageIds, now, timezone }
    const statement = toStatement({ ...given, isAdded }, stating)
    const request: FactRequest = { kind: 'state', statement, corrects }
    const edits = placeFact(known, request, { actor: { kind: 'agent', id: agentId } })
    const told = tellEdits(edits, known, { now, timezone })
    return {
      blocks: [],
      passages: [],
      facts: { requests: [request], edits },
      text: isTrusted(origin) || edits.length === 0 ? told : `${told} ${heldBack}`,
    }
  },
}

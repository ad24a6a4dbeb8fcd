import { shownAfterEdits } from '../context/known-facts.ts'
import type { PromptPrefix } from '../domain/conversation.ts'
import { saidInTurn } from '../domain/conversation-items.ts'
import { factsAt, isTrusted, type StatedFact } from '../domain/fact.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { FactWriting } from '../memory/facts/fact-write.ts'
import type { FactWrite } from '../storage/contract/fact-store.ts'
import type { FactSnapshot, MemoryTool } from '../tools/tool.ts'
import { textSources } from './text-sources.ts'
import type { ActiveTurn } from './turn-state.ts'

/** More statements than any slot should have; of more, the newest count. */
const mostKnown = 1000

/** What a memory tool has to see of facts; null = it asks for none. */
export async function factSnapshot(
  turn: ActiveTurn,
  tool: MemoryTool<unknown>,
  input: unknown,
): Promise<FactSnapshot | null> {
  const slots = tool.factSlots?.(input) ?? []
  if (slots.length === 0) return null
  const { parts, scope, work } = turn
  const { id: agentId, timezone } = work.agent
  const query = { agentId, slots, order: 'newest', limit: mostKnown } as const
  const { said, returned } = textSources(turn)
  return {
    agentId,
    timezone,
    known: await parts.store.listFacts(scope, query),
    sourceMessageIds: saidInTurn(work).map(({ id }) => id),
    userText: said,
    returned,
  }
}

/** How facts of a turn are written. */
export function factWriting({ parts, work }: ActiveTurn): FactWriting {
  return { timezone: work.agent.timezone, newId: () => newIdentifier(parts.ids, 'fact') }
}

/** What the reader of a prompt has been shown of facts once it has read what a call did to some. */
export function shownFactsAfter(
  { parts, work }: ActiveTurn,
  prefix: Pick<PromptPrefix, 'shownFacts'>,
  {
    writes,
    known,
  }: { readonly writes: readonly FactWrite[]; readonly known: readonly StatedFact[] },
): Readonly<Record<string, string>> {
  const now = parts.clock.now()
  const before = factsAt(known.filter(isShown), now)
  const after = factsAt(applyWrites(known, writes).filter(isShown), now)
  return shownAfterEdits(prefix.shownFacts ?? {}, { before, after }, work.agent.timezone)
}

/** Whether a prompt tells a fact: what waits for approval decides nothing there. */
function isShown({ origin }: StatedFact): boolean {
  return isTrusted(origin)
}

/** What is known after writes, as far as it is shown: who stated it and when it was recorded is not. */
function applyWrites(
  known: readonly StatedFact[],
  writes: readonly FactWrite[],
): readonly StatedFact[] {
  const stated = {
    version: 1,
    actor: { kind: 'agent', id: '' },
    reason: '',
    recordedAt: 0,
  } as const
  return writes.reduce<readonly StatedFact[]>((facts, write) => {
    if (write.action === 'create') return [...facts, { ...write.fact, ...stated, closedAt: null }]
    const others = facts.filter(({ id }) => id !== write.factId)
    const before = facts.find(({ id }) => id === write.factId)
    if (write.action === 'delete' || before === undefined) return others
    return [...others, { ...before, ...write.set }]
  }, known)
}

import { messageText } from '../domain/message.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { itemsFrom } from '../domain/conversation-items.ts'
import type { FactWriting } from '../memory/facts/fact-write.ts'
import type { FactSnapshot, MemoryTool } from '../tools/tool.ts'
import type { ActiveTurn } from './turn-state.ts'

/** More statements than any slot should have; of more, the newest count. */
const mostKnown = 1000

/** What a memory tool has to see of facts; null = it asks for none. */
export async function factSnapshot(
  { parts, scope, work }: ActiveTurn,
  tool: MemoryTool<unknown>,
  input: unknown,
): Promise<FactSnapshot | null> {
  const slots = tool.factSlots?.(input) ?? []
  if (slots.length === 0) return null
  const { id: agentId, timezone } = work.agent
  const query = { agentId, slots, order: 'newest', limit: mostKnown } as const
  const said = itemsFrom(work.items, work.tailPosition).flatMap((item) =>
    item.kind === 'message' && item.message.role === 'user' ? [item.message] : [],
  )
  return {
    agentId,
    timezone,
    known: await parts.store.listFacts(scope, query),
    sourceMessageIds: said.map(({ id }) => id),
    userText: said.map(messageText).join('\n'),
  }
}

/** How facts of a turn are written. */
export function factWriting({ parts, work }: ActiveTurn): FactWriting {
  return { timezone: work.agent.timezone, newId: () => newIdentifier(parts.ids, 'fact') }
}

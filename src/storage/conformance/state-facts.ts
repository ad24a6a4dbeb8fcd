import type { Agent } from '../../domain/agent.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { NewFact } from '../contract/fact-store.ts'
import { sampleFact } from './samples.ts'
import { toEntry, toTokens, type World } from './world.ts'

/** A fact about an agent that is not stored yet. */
export function newFact(
  world: World,
  agent: Pick<Agent, 'id'>,
  given: Partial<NewFact> = {},
): NewFact {
  return sampleFact({ id: world.id('fact'), agentId: agent.id, ...given })
}

/** Stores facts, each found by the words of its value. */
export async function stateFacts(
  world: World,
  agent: Pick<Agent, 'id'>,
  ...facts: readonly NewFact[]
): Promise<readonly MemoryChange[]> {
  const writes = facts.map((fact) => {
    return { action: 'create', fact, entry: toEntry(toTokens(fact.value)) } as const
  })
  return await world.store.changeMemory(world.scope, world.memoryWrite(agent, { facts: writes }))
}

import { expect } from 'vitest'
import type { Store } from '../store.ts'
import { World } from './world.ts'

/** Stores a message and chooses it as a candidate, without and with its neighbours; `onSearch` is called in between. */
export async function searchCandidates(store: Store, onSearch: () => void): Promise<void> {
  const world = new World(store)
  const agent = await world.agent()
  await world.say(agent, 'heron')
  const choice = { agentId: agent.id, terms: ['heron'], from: null, until: null, limit: 9 }
  const messages = { ...choice, roles: ['user', 'tool'] as const, excludeIds: [] }
  onSearch()
  for (const neighbours of [0, 2]) {
    const found = await store.searchMessages(world.scope, { ...messages, neighbours })
    expect(found.documents).toHaveLength(1)
  }
}

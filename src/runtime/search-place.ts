import type { Agent } from '../domain/agent.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { AgentSearchOptions } from '../memory/search/search-source.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** Where a turn searches: among the texts of its agent, as this process holds them between searches; by words alone. */
export function searchPlace(
  parts: Pick<RuntimeParts, 'store' | 'texts' | 'clock'>,
  scope: TenantScope,
  { id: agentId, timezone }: Pick<Agent, 'id' | 'timezone'>,
): AgentSearchOptions {
  const { store, texts, clock } = parts
  return {
    store,
    scope,
    agentId,
    timezone,
    now: clock.now(),
    ...(texts !== undefined && { texts }),
  }
}

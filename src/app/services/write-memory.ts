import type { Actor } from '../../domain/block.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import { emptyWrite, type MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import { userChange } from './change-cause.ts'
import { describeChanges } from './memory-history.ts'
import type { DescribedChange } from './memory-views.ts'

/** Which fields of a write are not empty. */
export type PartialWrite = Partial<Omit<MemoryWrite, 'agentId' | 'cause' | 'at'>>

/** How often a change is planned anew because somebody else came in between. */
const attempts = 5

/** Plans a write and makes it; when something changed in between, both again. */
export async function writeMemory(
  parts: Pick<AppParts, 'store' | 'clock'>,
  scope: TenantScope,
  write: {
    readonly agentId: string
    readonly reason: string
    /** Default: the caller. */
    readonly actor?: Actor
    readonly sourceMessageIds?: readonly string[]
    readonly plan: () => Promise<PartialWrite>
    /** Makes the change with more in the same transaction. Default: the change alone. */
    readonly commit?: (memory: MemoryWrite) => Promise<readonly MemoryChange[]>
  },
): Promise<readonly DescribedChange[]> {
  const { agentId, reason, sourceMessageIds = [], plan } = write
  const { actor = userChange(scope, reason).actor } = write
  const { commit = (memory) => parts.store.changeMemory(scope, memory) } = write
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan()
    try {
      const changes = await commit({
        ...emptyWrite,
        ...planned,
        agentId,
        cause: { actor, reason, sourceMessageIds },
        at: parts.clock.now(),
      })
      return await describeChanges(parts, scope, { agentId, changes })
    } catch (error) {
      if (attempt >= attempts || !isAppError(error, 'conflict')) throw error
      if (error.data['reason'] !== 'version') throw error
    }
  }
}

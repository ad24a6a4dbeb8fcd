import type { TenantScope } from '../../domain/scope.ts'
import { embedJobKind, ensureEmbedJobs } from '../../jobs/kinds/embed.ts'
import type { AppParts } from '../app-parts.ts'

/** The vectors of texts, for whoever looks after them. */
export interface EmbeddingService {
  /**
   * Removes all vectors of a model, so that the job makes them anew, with other dimensions if need be. Returns how many
   * were removed.
   */
  rebuild(scope: TenantScope, model: string): Promise<number>
}

/** Makes the service of embeddings. */
export function createEmbeddingService({ store, clock }: AppParts): EmbeddingService {
  return {
    async rebuild(scope, model) {
      const removed = await store.deleteVectors(scope, { model })
      const states = ['dead'] as const
      for (const { id } of await store.listJobs(scope, {
        states,
        kinds: [embedJobKind],
        limit: 10,
      })) {
        await store.retryJob(scope, { id, at: clock.now() })
      }
      await ensureEmbedJobs({ store, clock })
      return removed
    },
  }
}

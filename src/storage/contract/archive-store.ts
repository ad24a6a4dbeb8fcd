import type { Archive, Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Page } from './page.ts'
import type { SearchEntry } from './search-entry.ts'
import type { NewVector } from './vector-store.ts'

/** Archives, their passages, and which agents have them. */
export interface ArchiveStore {
  /** Stores an archive, attached to `agentId` when given (`conflict` when that agent has another one). */
  createArchive(
    scope: TenantScope,
    input: { readonly archive: Archive; readonly agentId?: string; readonly at: number },
  ): Promise<Archive>
  /** `not_found` when there is none. */
  getArchive(scope: TenantScope, input: { readonly id: string }): Promise<Archive>
  /** Archives that pass the filter, by creation. */
  listArchives(
    scope: TenantScope,
    input: { readonly name?: string; readonly agentId?: string; readonly page: Page },
  ): Promise<readonly Archive[]>
  /** Changes the fields that are present. */
  updateArchive(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly at: number
      readonly set: Partial<Pick<Archive, 'name' | 'description' | 'metadata' | 'embedding'>>
    },
  ): Promise<Archive>
  /** Removes an archive with its passages. `not_found` when there is none. */
  deleteArchive(scope: TenantScope, input: { readonly id: string }): Promise<void>
  /** Attaches an archive; nothing changes when it is attached; `conflict` when the agent has another one. */
  attachArchive(
    scope: TenantScope,
    input: { readonly agentId: string; readonly archiveId: string; readonly at: number },
  ): Promise<void>
  /** Detaches an archive; nothing happens when it is not attached. */
  detachArchive(
    scope: TenantScope,
    input: { readonly agentId: string; readonly archiveId: string },
  ): Promise<void>
  /**
   * Stores passages with what search finds them by. With `agent` they go into that agent's archive, which is created and
   * attached from `agent.archive` when it has none; else into `passage.archiveId`. Their vectors are stored with them, and nothing is
   * when one of those is refused, as `putVectors` does.
   */
  createPassages(scope: TenantScope, input: NewPassages): Promise<readonly Passage[]>
  /** Passages of an archive or of an agent's archive. `after` = newer, `before` = older, whatever the order. */
  listPassages(scope: TenantScope, input: PassageListQuery): Promise<readonly Passage[]>
  /** Passages by id; those that do not exist are left out. */
  getPassages(
    scope: TenantScope,
    input: { readonly ids: readonly string[] },
  ): Promise<readonly Passage[]>
  /**
   * Removes a passage from text and index; what it was stays in the history until it is forgotten. `not_found` when there is none, or it is in another archive
   * than `archiveId`.
   */
  deletePassage(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly archiveId?: string
      readonly agentId?: string
      /** The time of the change. Default: when the passage was last changed. */
      readonly at?: number
    },
  ): Promise<void>
  /** How many passages an agent can reach. */
  countPassages(scope: TenantScope, input: { readonly agentId: string }): Promise<number>
  /** The tags of the passages an agent can reach, alphabetical. */
  listPassageTags(
    scope: TenantScope,
    input: { readonly agentId: string; readonly limit: number },
  ): Promise<readonly string[]>
}

/** New passages for one archive. */
export interface NewPassages {
  readonly agent: { readonly agentId: string; readonly archive: Archive } | null
  readonly passages: readonly {
    readonly passage: Passage
    readonly entry: SearchEntry
    /** A vector that was brought with it. Default: none. */
    readonly vector?: Pick<NewVector, 'model' | 'vector'>
  }[]
  readonly at: number
}

/** Which passages. */
export interface PassageListQuery {
  readonly agentId?: string
  readonly archiveId?: string
  /** Part of the text, without regard to case. */
  readonly textContains?: string
  /** The whole text, letter by letter. */
  readonly text?: string
  /** Only what a tool or the web told and nobody approved. */
  readonly untrusted?: true
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly after?: string
  readonly before?: string
}

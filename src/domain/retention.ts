import type { JsonObject } from '../util/json.ts'
import type { Archive, Passage } from './archive.ts'

/** How long the passages of an archive are kept, counted from when they were stored or last changed. */
export interface ArchiveRetention {
  /** In days; null = for ever. */
  readonly days: number | null
  /** For passages with a tag; of several the shortest counts, also before that of the archive. */
  readonly tags: Readonly<Record<string, number>>
}

/** Where an archive keeps it among its metadata. */
const key = 'retention'

const dayMs = 86_400_000

/** The retention of an archive; for ever when none was set. */
export function retentionOf({ metadata }: Pick<Archive, 'metadata'>): ArchiveRetention {
  const stored = metadata[key] as Partial<ArchiveRetention> | undefined
  return { days: stored?.days ?? null, tags: stored?.tags ?? {} }
}

/** The metadata of an archive with another retention. */
export function withRetention(
  { metadata }: Pick<Archive, 'metadata'>,
  retention: ArchiveRetention,
): JsonObject {
  const { [key]: _former, ...rest } = metadata
  if (isEndless(retention)) return rest
  return { ...rest, [key]: { days: retention.days, tags: { ...retention.tags } } }
}

/** Whether nothing is ever removed. */
export function isEndless({ days, tags }: ArchiveRetention): boolean {
  return days === null && Object.keys(tags).length === 0
}

/** Whether a passage has been kept for as long as it is to be. */
export function isExpired(
  { tags, updatedAt }: Pick<Passage, 'tags' | 'updatedAt'>,
  retention: ArchiveRetention,
  now: number,
): boolean {
  const days = tags.flatMap((tag) =>
    Object.hasOwn(retention.tags, tag) ? [retention.tags[tag] ?? Infinity] : [],
  )
  const shortest = Math.min(retention.days ?? Infinity, ...days)
  return updatedAt + shortest * dayMs <= now
}

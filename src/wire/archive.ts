import { z } from 'zod'
import { optional, present } from './optional.ts'
import type { Archive, Passage } from '../domain/archive.ts'
import type { ArchiveRetention } from '../domain/retention.ts'
import type { SearchHit } from '../domain/search.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'
import { vectorShape } from './embedding.ts'
import { explainShape } from './search-explanation.ts'
import { pageShape, queryFlag, queryInteger, queryList } from './query.ts'
import { encodeTime, spokenTime, timeSchema } from './time.ts'

const passageText = z.string().refine((text) => text.trim() !== '', 'Text must not be empty')

/** `ArchiveCreateRequest`. */
export const createArchiveSchema = z.lazy(() =>
  z.strictObject({
    name: z.string().min(1),
    description: optional(z.string()),
    embedding: optional(z.string()),
    embedding_config: optional(jsonObject),
  }),
)

/** `ArchiveUpdateRequest`. */
export const updateArchiveSchema = z.lazy(() =>
  z.strictObject({
    name: optional(z.string().min(1)),
    description: optional(z.string()),
    embedding: z.string().min(1).nullable().optional(),
  }),
)

const days = z.number().min(0.01).max(36_500)

/** The body of `PUT /v1/archives/{id}/retention`. */
export const archiveRetentionSchema = z.lazy(() =>
  z.strictObject({
    /** Null = for ever. */
    days: days.nullable(),
    tags: optional(z.record(z.string().min(1), days)),
  }),
)

/** How long the passages of an archive are kept. */
export function encodeRetention({ days: kept, tags }: ArchiveRetention): JsonObject {
  return { days: kept, tags: { ...tags } }
}

/** `PassageCreateRequest`. */
export const createPassageSchema = z.lazy(() =>
  z.strictObject({
    text: passageText,
    metadata: optional(jsonObject),
    tags: optional(z.array(z.string())),
    created_at: optional(timeSchema),
    ...vectorShape,
  }),
)

/** `PassageBatchCreateRequest`. */
export const createPassagesSchema = z.lazy(() =>
  z.strictObject({
    passages: z.array(createPassageSchema).min(1).max(1000),
  }),
)

/** `CreateArchivalMemory`. */
export const createArchivalMemorySchema = z.lazy(() =>
  createPassageSchema.unwrap().omit({ metadata: true }),
)

/** A text on its way into an archive. */
export interface PassageDraftBody {
  /** Its vector of the archive's embedding model, if the client brings one. Default: none. */
  readonly vector?: readonly number[]
  readonly text: string
  readonly tags: readonly string[]
  readonly metadata: JsonObject
  /** The time the text is about; null = now. */
  readonly createdAt: number | null
}

/** A draft from a decoded passage. */
export function toPassageDraft(body: {
  readonly text: string
  readonly metadata?: JsonObject | undefined
  readonly tags: readonly string[] | undefined
  readonly created_at: number | undefined
  readonly embedding?: readonly number[] | undefined
}): PassageDraftBody {
  return {
    ...present({ vector: body.embedding }),
    text: body.text,
    tags: [...new Set(body.tags ?? [])],
    metadata: body.metadata ?? {},
    createdAt: body.created_at ?? null,
  }
}

/** The query of `GET /v1/archives/`. */
export const archiveListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 50 }),
    name: z.string().optional(),
    agent_id: z.string().optional(),
  }),
)

/** The query of the list of an agent's archival memory. */
export const archivalListQuery = z.lazy(() =>
  z.object({
    after: z.string().optional(),
    before: z.string().optional(),
    limit: queryInteger.pipe(z.number().min(1)).default(100),
    search: z.string().optional(),
    ascending: queryFlag.default(true),
  }),
)

/** The query of the search in an agent's archival memory. */
export const archivalSearchQuery = z.lazy(() =>
  z.object({
    query: z.string(),
    tags: queryList.optional(),
    tag_match_mode: z.enum(['any', 'all']).default('any'),
    top_k: queryInteger.pipe(z.number().min(1).max(1000)).default(5),
    /** How many of the best results to pass over. */
    offset: queryInteger.pipe(z.number().min(0).max(100_000)).default(0),
    start_datetime: spokenTime.optional(),
    end_datetime: spokenTime.optional(),
  }),
)

/** `PassageSearchRequest`. */
export const passageSearchSchema = z.lazy(() =>
  z.strictObject({
    query: optional(z.string()),
    agent_id: optional(z.string()),
    archive_id: optional(z.string()),
    tags: optional(z.array(z.string())),
    tag_match_mode: optional(z.enum(['any', 'all'])),
    limit: optional(z.int().min(1).max(100)),
    start_date: optional(spokenTime),
    end_date: optional(spokenTime),
    ...vectorShape,
    ...explainShape,
  }),
)

/** `Archive`, with every field. */
export function encodeArchive(archive: Archive): JsonObject {
  return {
    created_by_id: archive.createdById,
    last_updated_by_id: archive.createdById,
    created_at: encodeTime(archive.createdAt),
    updated_at: encodeTime(archive.updatedAt),
    id: archive.id,
    name: archive.name,
    description: archive.description,
    vector_db_provider: 'native',
    embedding: archive.embedding,
    embedding_config: null,
    metadata: archive.metadata,
  }
}

/** `Passage`, with every field. */
export function encodePassage(passage: Passage): JsonObject {
  return {
    created_by_id: passage.createdById,
    last_updated_by_id: passage.createdById,
    created_at: encodeTime(passage.createdAt),
    updated_at: encodeTime(passage.updatedAt),
    is_deleted: false,
    archive_id: passage.archiveId,
    source_id: null,
    file_id: null,
    file_name: null,
    metadata: passage.metadata,
    tags: passage.tags,
    id: passage.id,
    text: passage.text,
    embedding: null,
    embedding_config: null,
  }
}

/** `ArchivalMemorySearchResult`, with its time in the zone of the agent. */
export function encodeArchivalHit(
  { item, score, coverage }: SearchHit<Passage>,
  timestamp: string,
): JsonObject {
  return {
    id: item.id,
    timestamp,
    content: item.text,
    tags: item.tags,
    relevance: { score, coverage },
  }
}

/** `PassageSearchResult`. */
export function encodePassageHit({ item, score }: SearchHit<Passage>): JsonObject {
  return { passage: encodePassage(item), score, metadata: {} }
}

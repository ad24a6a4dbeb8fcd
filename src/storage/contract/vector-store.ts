import type { Passage } from '../../domain/archive.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { MessageSearch, PassageSearch } from './search-store.ts'

/**
 * Vectors of messages and passages, and what is nearest to a query. Vectors come from outside; the store makes none.
 *
 * An item has at most one vector of each model. All vectors of a model in one tenant have the same number of
 * dimensions, fixed by the first; it is free again when none is left. Only directions count: an engine may keep a
 * vector at length 1. A vector goes with its item, by whatever deletes that.
 *
 * Every operation rejects with `invalid_argument` for a vector that is empty, has more than 16,000 dimensions, has a
 * number that is not finite, or has no direction because all are 0; and with `embedding_dimension_mismatch` for one
 * that has another number of dimensions than the model's. On a PostgreSQL server without pgvector, putting and
 * searching reject with `vectors_unavailable`.
 */
export interface VectorStore {
  /**
   * Stores vectors; one of the same item and model is replaced. Nothing is stored when one of them is refused.
   * Returns the ids of the items whose vectors are stored now: those that do not exist (any more) for the caller,
   * messages that are not searchable, and items that are not found by `foundBy` any more are passed over. To be called
   * with some hundred vectors at most.
   */
  putVectors(scope: TenantScope, input: NewVectors): Promise<readonly string[]>
  /** The messages of one agent nearest to a query. `not_found` for the agent. */
  searchMessageVectors(
    scope: TenantScope,
    input: Omit<MessageSearch, 'terms'> & VectorQuery,
  ): Promise<Neighbours<Message>>
  /** The passages of an agent's archive, or of one archive, nearest to a query. `not_found` for either. */
  searchPassageVectors(
    scope: TenantScope,
    input: Omit<PassageSearch, 'terms'> & VectorQuery,
  ): Promise<Neighbours<Passage>>
  /**
   * Some texts without a vector of the model that their agent (messages) or archive (passages) names, the oldest of each
   * first, so that whoever makes vectors needs no list of its own of what is to be done.
   */
  findWithoutVectors(
    scope: TenantScope,
    input: {
      readonly limit: number
      /** Models whose texts are passed over. Default: none. */
      readonly except?: readonly string[]
    },
  ): Promise<VectorBacklog>
  /** How many of the texts whose agent or archive names a model have a vector of it, by model. */
  listVectorProgress(scope: TenantScope): Promise<readonly VectorProgress[]>
  /**
   * The model that the vectors of passages are of: the one that the archive names, else an agent that it belongs to; null = none.
   * For an agent without an archive it is the agent's. `not_found` for the agent or archive.
   */
  findPassageModel(scope: TenantScope, input: PassageOwner): Promise<string | null>
  /** Removes all vectors of a model, so that they can be made anew, with other dimensions if need be; returns how many. */
  deleteVectors(scope: TenantScope, input: { readonly model: string }): Promise<number>
  /** How many vectors of a model the messages of an agent, or the passages of an archive, have. */
  countVectors(scope: TenantScope, input: VectorOwner & { readonly model: string }): Promise<number>
}

/** Vectors on their way into the store. */
export interface NewVectors extends ExactLimit {
  readonly items: readonly NewVector[]
}

/** The vector of one message or passage. */
export interface NewVector {
  readonly kind: 'message' | 'passage'
  /** The message or passage. */
  readonly id: string
  /** The handle of the embedding model. */
  readonly model: string
  /** A list rather than an array of floats, because it crosses threads as JSON. */
  readonly vector: readonly number[]
  /**
   * What {@link VectorStore.findWithoutVectors} said of the text before it was read: a text that was changed or cut
   * since gets no vector of what it was. Default: the text is not compared.
   */
  readonly foundBy?: string
}

/** What has no vectors yet. */
export interface VectorBacklog {
  /** How many agents and archives name a model. */
  readonly owners: number
  /** The models that they name, each once. */
  readonly models: readonly string[]
  readonly items: readonly TextWithoutVector[]
}

/** How far the vectors of a model are. */
export interface VectorProgress {
  readonly model: string
  /** How many texts are to have one. */
  readonly texts: number
  /** How many of them have one. */
  readonly vectors: number
}

/** A text that has no vector of a model. */
export type TextWithoutVector = Required<Omit<NewVector, 'vector'>>

/** Whose vectors are counted: the messages of an agent, the passages of its archive, or those of an archive. */
export type VectorOwner =
  | { readonly kind: 'message'; readonly agentId: string }
  | ({ readonly kind: 'passage' } & PassageOwner)

/** An archive, or an agent for the one it has. */
export interface PassageOwner {
  readonly agentId?: string
  readonly archiveId?: string
}

/** What is searched for. */
export interface VectorQuery extends ExactLimit {
  /** Only vectors of this model are compared. */
  readonly model: string
  readonly vector: readonly number[]
}

/** From where on an engine may approximate. */
export interface ExactLimit {
  /**
   * Up to how many vectors of one agent or archive all are compared, so that the answer is exact. Above it the engine
   * may look at a choice of them. Default: what was measured for the engine. Give the same to putting and searching.
   */
  readonly exactUpTo?: number
}

/** What is nearest. */
export interface Neighbours<Item> {
  /** The most similar first; the newer first among equals, then the one with the greater id. */
  readonly items: readonly Neighbour<Item>[]
  readonly statistics: VectorStatistics
}

/** One item with its distance from the query. */
export interface Neighbour<Item> {
  readonly item: Item
  /** The cosine, -1 to 1. */
  readonly similarity: number
}

/** Statistics of the whole scope (all vectors of the model in the agent's messages or the archive), filters aside. */
export interface VectorStatistics {
  readonly vectorCount: number
  /**
   * The mean cosine between the query and all vectors of the scope; from a random choice of at least 256 where there
   * are more. 0 without vectors.
   */
  readonly meanSimilarity: number
}

import type { Letta } from '@letta-ai/letta-client'
import { explain } from './request.ts'

/** How far the vectors of an embedding model are. */
export interface EmbeddingProgress {
  readonly model: string
  /** How many texts are to have a vector: those whose agent or archive names the model. */
  readonly texts: number
  /** How many of them have one. */
  readonly vectors: number
  /** Why no endpoint serves the model, so that its vectors have to be brought; null = one does. */
  readonly unserved: string | null
  /** What went wrong the last time that vectors were made, or that texts wait for a provider without a key; null = nothing. */
  readonly problem: string | null
}

/** How far the vectors of each model are that an agent or archive names. Throws `LettaError`. */
export async function readEmbeddingProgress(letta: Letta): Promise<readonly EmbeddingProgress[]> {
  type Answer = { readonly models: readonly EmbeddingProgress[] }
  return (await explain(() => letta.get<Answer>('/v1/embeddings'))).models
}

/** Removes all vectors of a model, so that servers make them anew; resolves with how many. Throws `LettaError`. */
export async function rebuildEmbeddings(letta: Letta, model: string): Promise<number> {
  const body = { model }
  type Answer = { readonly removed: number }
  return (await explain(() => letta.post<Answer>('/v1/embeddings/rebuild', { body }))).removed
}

/** A text on its way into an agent's archive, with the vector that the caller has made of it. */
export interface PassageWithVector {
  readonly text: string
  readonly embedding: readonly number[]
  readonly tags?: readonly string[] | undefined
  /** The time the text is about, ISO 8601. Default: now. */
  readonly created_at?: string | undefined
}

/** What to look for by a vector of the caller's. */
export interface VectorSearch {
  readonly embedding: readonly number[]
  /** Words to look for, too; a text that has them gains. Default: nearness alone decides. */
  readonly query?: string | undefined
  /** Default: 50. */
  readonly limit?: number | undefined
}

/** A passage that was found or stored. */
export interface FoundPassage {
  readonly id: string
  readonly text: string
  readonly created_at: string
}

/** A message that was found. */
export interface FoundMessage {
  readonly message_id: string
  readonly message_type: string
  readonly content: unknown
  readonly created_at: string
}

/**
 * Vectors that the caller makes. They are of the model that the agent names as its `embedding`, which may be a handle of one's
 * own that no endpoint serves. Every operation throws `LettaError`: `embedding_dimension_mismatch` for a vector that has
 * another number of dimensions than the others of its model, `invalid_argument` where no model is named.
 */
export interface AgentVectors {
  /** Stores a text with its vector, or neither. */
  addPassage(passage: PassageWithVector): Promise<FoundPassage>
  /**
   * Gives vectors to messages and passages that are stored, by id; resolves with the ids of those that got one. With the
   * `text` a vector was made from, one that reads otherwise by now gets none.
   */
  put(given: {
    readonly model: string
    readonly vectors: readonly {
      readonly id: string
      readonly embedding: readonly number[]
      readonly text?: string
    }[]
  }): Promise<readonly string[]>
  /** Passages, best first. */
  searchPassages(search: VectorSearch): Promise<readonly FoundPassage[]>
  /** Messages of users and the agent, best first. */
  searchMessages(search: VectorSearch): Promise<readonly FoundMessage[]>
}

/** The vectors of one agent's texts, through the connection of the official client. */
export function createAgentVectors(letta: Letta, agentId: string): AgentVectors {
  const post = <Result>(path: string, body: object): Promise<Result> =>
    explain(() => letta.post<Result>(path, { body }))
  const search = <Result>(path: string, wanted: VectorSearch): Promise<Result> =>
    post(path, { query: '', ...wanted, agent_id: agentId })
  return {
    async addPassage(passage) {
      const path = `/v1/agents/${agentId}/archival-memory`
      const [stored] = await post<readonly [FoundPassage]>(path, passage)
      return stored
    },
    async put(given) {
      const path = '/v1/embeddings/vectors'
      const put = () => letta.put<{ stored: readonly string[] }>(path, { body: given })
      return (await explain(put)).stored
    },
    async searchPassages(wanted) {
      const found = await search<readonly { passage: FoundPassage }[]>(
        '/v1/passages/search',
        wanted,
      )
      return found.map(({ passage }) => passage)
    },
    searchMessages: (wanted) => search('/v1/messages/search', wanted),
  }
}

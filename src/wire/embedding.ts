import { z } from 'zod'
import { optional } from './optional.ts'

/** Ours: which model's vectors are to be made anew. */
export const rebuildEmbeddingsSchema = z.lazy(() =>
  z.object({
    /** The handle of the embedding model. */
    model: z.string().min(1),
  }),
)

const vector = z.array(z.number()).min(1).max(16_000)

/** Ours: a vector that the client has made itself, by the model that the agent or archive names. */
export const vectorShape = { embedding: optional(vector) }

/** Ours: vectors of texts that are stored. */
export const putVectorsSchema = z.lazy(() =>
  z.strictObject({
    /** The handle that the agent (messages) or archive (passages) names. */
    model: z.string().min(1),
    vectors: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          embedding: vector,
          /** What it was made from: a text that reads otherwise by now, as it was changed or words of it forgotten, gets no vector. */
          text: optional(z.string()),
        }),
      )
      .min(1)
      .max(500),
  }),
)

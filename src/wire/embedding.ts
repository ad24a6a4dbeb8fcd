import { z } from 'zod'

/** Ours: which model's vectors are to be made anew. */
export const rebuildEmbeddingsSchema = z.object({
  /** The handle of the embedding model. */
  model: z.string().min(1),
})

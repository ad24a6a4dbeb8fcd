import { type AppError, isAppError } from '../../errors/app-error.ts'
import type { EmbedderSource } from '../../llm/embedder.ts'

/** Why no endpoint serves a model: `model_not_found`, `model_key_missing`; null = one does. */
export function whyUnserved(embedders: EmbedderSource, model: string): AppError | null {
  try {
    embedders.resolve(model)
    return null
  } catch (error) {
    if (isAppError(error, 'model_not_found') || isAppError(error, 'model_key_missing')) {
      return error
    }
    throw error
  }
}

import type { App } from '../../app/app.ts'
import { rebuildEmbeddingsSchema } from '../../wire/embedding.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'

/** Vectors of texts; for administrators. */
export function addEmbeddingRoutes(api: Api, app: App): void {
  api.post('/embeddings/rebuild', async (context) => {
    const { model } = await readBody(context, rebuildEmbeddingsSchema, app.settings.bodyLimitBytes)
    const removed = await app.services.embeddings.rebuild(context.get('scope'), model)
    return context.json({ model, removed })
  })
}

import type { App } from '../../app/app.ts'
import { putVectorsSchema, rebuildEmbeddingsSchema } from '../../wire/embedding.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'

/** Vectors of texts: how far they are, made anew, which is for administrators, and brought by a client. */
export function addEmbeddingRoutes(api: Api, app: App): void {
  api.get('/embeddings', async (context) => {
    const models = await app.services.embeddings.progress(context.get('scope'))
    return context.json({ models: models.map((each) => ({ ...each })) })
  })

  api.post('/embeddings/rebuild', async (context) => {
    const { model } = await readBody(context, rebuildEmbeddingsSchema, app.settings.bodyLimitBytes)
    const removed = await app.services.embeddings.rebuild(context.get('scope'), model)
    return context.json({ model, removed })
  })

  api.put('/embeddings/vectors', async (context) => {
    const body = await readBody(context, putVectorsSchema, app.settings.bodyLimitBytes)
    const { model } = body
    const vectors = body.vectors.map(({ id, embedding: vector, text }) => ({ id, vector, text }))
    const stored = await app.services.embeddings.put(context.get('scope'), { model, vectors })
    return context.json({ model, stored: [...stored] })
  })
}

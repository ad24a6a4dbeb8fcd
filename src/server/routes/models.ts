import type { App } from '../../app/app.ts'
import { encodeModel, modelListQuery, modelResolveQuery } from '../../wire/model.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { queryOf } from './path.ts'

/** The models that can be used. */
export function addModelRoutes(api: Api, app: App): void {
  api.get('/models', async (context) => {
    const query = decodeQuery(modelListQuery, queryOf(context))
    const models = await app.services.models.list(
      present({
        providerName: query.provider_name,
        providerType: query.provider_type,
        categories: query.provider_category,
      }),
    )
    return context.json(models.map(encodeModel))
  })

  api.get('/models/resolve', async (context) => {
    const { handle } = decodeQuery(modelResolveQuery, queryOf(context))
    return context.json(encodeModel(await app.services.models.resolve(handle)))
  })

  // Search is by words in this version, so there is nothing to choose from.
  api.get('/models/embedding', (context) => context.json([]))
}

import type { App } from '../../app/app.ts'
import type { Api, ApiContext } from '../api.ts'
import { secretOf } from '../middleware/authenticate.ts'

/** Whether the server lives, and which one it is; no key is needed. */
export function addHealthRoutes(api: Api, app: App): void {
  const answer = async (context: ApiContext): Promise<Response> => {
    const { engine, databaseId, location } = app.store.description
    const scope = await app.services.keys.authenticate(secretOf(context), app.settings)
    return context.json({
      version: app.settings.version,
      status: 'ok',
      instance_id: app.settings.instanceId,
      database_id: databaseId,
      engine,
      ...(scope !== null && { location }),
    })
  }
  api.get('/health', answer)
  api.get('/ready', answer)
}

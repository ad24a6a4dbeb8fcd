import type { App } from '../../app/app.ts'
import { createKeySchema, encodeKey } from '../../wire/key.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathText } from './path.ts'

/** Keys to the API; for administrators. */
export function addKeyRoutes(api: Api, app: App): void {
  const { keys } = app.services

  api.get('/keys', async (context) =>
    context.json((await keys.list(context.get('scope'))).map(encodeKey)),
  )

  api.post('/keys', async (context) => {
    const body = await readBody(context, createKeySchema, app.settings.bodyLimitBytes)
    const { key, secret } = await keys.create(context.get('scope'), {
      name: body.name,
      role: body.role,
      agentIds: body.agent_ids ?? null,
    })
    // The only time the secret is seen; caches on the way must not keep it.
    return context.json({ ...encodeKey(key), key: secret }, 200, { 'cache-control': 'no-store' })
  })

  api.delete('/keys/:key_id', async (context) =>
    context.json(encodeKey(await keys.revoke(context.get('scope'), pathText(context, 'key_id')))),
  )
}

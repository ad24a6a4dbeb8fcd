import type { App } from '../../app/app.ts'
import {
  encodeImport,
  encodeImported,
  importMessagesSchema,
  toHistory,
} from '../../wire/message-import.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId, pathText } from './path.ts'

/** Histories of an agent that were brought in from elsewhere: bring in, list, take back. */
export function addMessageImportRoutes(api: Api, app: App): void {
  const { imports } = app.services
  const root = '/agents/:agent_id/messages/import'

  api.post(root, async (context) => {
    const agentId = pathId(context, 'agent')
    const body = await readBody(context, importMessagesSchema, app.settings.bodyLimitBytes)
    const batch = await imports.importMessages(context.get('scope'), agentId, {
      messages: toHistory(body.messages),
      importId: body.import_id ?? null,
    })
    return context.json(encodeImported(batch))
  })

  api.get(root, async (context) => {
    const found = await imports.list(context.get('scope'), pathId(context, 'agent'))
    return context.json(found.map(encodeImport))
  })

  api.delete(`${root}/:import_id`, async (context) => {
    const agentId = pathId(context, 'agent')
    await imports.delete(context.get('scope'), agentId, pathText(context, 'import_id'))
    return context.body(null, 204)
  })
}

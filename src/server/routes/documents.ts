import type { App } from '../../app/app.ts'
import { addDocumentSchema, encodeAdded, encodeDocument, encodePiece } from '../../wire/document.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId, pathText } from './path.ts'

/** Texts of people in the archive of an agent: bring in, list, read, take out. */
export function addDocumentRoutes(api: Api, app: App): void {
  const { documents } = app.services
  const root = '/agents/:agent_id/documents'

  api.post(root, async (context) => {
    const agentId = pathId(context, 'agent')
    const body = await readBody(context, addDocumentSchema, app.settings.bodyLimitBytes)
    const added = await documents.add(context.get('scope'), agentId, {
      path: body.path,
      text: body.text,
      additionId: body.addition_id,
      tags: [...new Set(body.tags ?? [])],
      createdAt: body.created_at ?? null,
    })
    return context.json(encodeAdded(added))
  })

  api.get(root, async (context) => {
    const found = await documents.list(context.get('scope'), pathId(context, 'agent'))
    return context.json(found.map(encodeDocument))
  })

  api.get(`${root}/:document_id`, async (context) => {
    const agentId = pathId(context, 'agent')
    const id = pathText(context, 'document_id')
    const pieces = await documents.get(context.get('scope'), agentId, id)
    return context.json(pieces.map(encodePiece))
  })

  api.delete(`${root}/:document_id`, async (context) => {
    const agentId = pathId(context, 'agent')
    const id = pathText(context, 'document_id')
    const removed = await documents.remove(context.get('scope'), agentId, id)
    return context.json({ id, removed })
  })
}

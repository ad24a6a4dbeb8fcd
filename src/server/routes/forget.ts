import type { App } from '../../app/app.ts'
import {
  encodePreview,
  encodeReceipt,
  forgetListQuery,
  forgetPreviewSchema,
  forgetSchema,
  toForgetRequest,
} from '../../wire/forget.ts'
import { decodeQuery } from '../../wire/query.ts'
import { present } from '../../wire/optional.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathText, queryOf } from './path.ts'

/** Removing for good: see what would go, confirm it, look at receipts. */
export function addForgetRoutes(api: Api, app: App): void {
  const { forget } = app.services
  const limit = app.settings.bodyLimitBytes

  api.post('/forget/preview', async (context) => {
    const body = await readBody(context, forgetPreviewSchema, limit)
    const preview = await forget.preview(context.get('scope'), toForgetRequest(body))
    return context.json(encodePreview(preview))
  })

  api.post('/forget', async (context) => {
    const { token, ...body } = await readBody(context, forgetSchema, limit)
    const receipt = await forget.confirm(context.get('scope'), toForgetRequest(body), token)
    return context.json(encodeReceipt(receipt))
  })

  api.get('/forget', async (context) => {
    const query = decodeQuery(forgetListQuery, queryOf(context))
    const receipts = await forget.list(context.get('scope'), {
      limit: query.limit,
      ...present({ before: query.before }),
    })
    return context.json(receipts.map(encodeReceipt))
  })

  api.get('/forget/:forget_id', async (context) => {
    const receipt = await forget.get(context.get('scope'), pathText(context, 'forget_id'))
    return context.json(encodeReceipt(receipt))
  })
}

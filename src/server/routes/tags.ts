import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { decodeQuery, pageShape } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { queryOf } from './path.ts'

const tagListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 50, order: 'asc' }),
    order_by: z.enum(['name']).optional(),
    name: z.string().optional(),
    query_text: z.string().optional(),
  }),
)

/** The tags in use. */
export function addTagRoutes(api: Api, app: App): void {
  api.get('/tags', async (context) => {
    const query = decodeQuery(tagListQuery, queryOf(context))
    return context.json(
      await app.services.tags.list(context.get('scope'), {
        contains: query.name ?? query.query_text ?? null,
        order: query.order,
        after: query.after ?? null,
        before: query.before ?? null,
        limit: query.limit,
      }),
    )
  })
}

import type { App } from '../../app/app.ts'
import { AppError } from '../../errors/app-error.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import { encodeTool, toolListQuery, toolTypes } from '../../wire/tool.ts'
import type { Api } from '../api.ts'
import { toListPage } from '../list-page.ts'
import { pathId, queryOf } from './path.ts'

/** The tools of this installation. */
export function addToolRoutes(api: Api, app: App): void {
  const { tools } = app.services

  api.get('/tools', (context) => {
    const query = decodeQuery(toolListQuery, queryOf(context))
    for (const type of [...(query.tool_types ?? []), ...(query.exclude_tool_types ?? [])]) {
      checkType(type)
    }
    const names = query.name === undefined ? query.names : [query.name]
    const found = tools.list({
      ...present({
        names,
        ids: query.tool_ids,
        search: query.search,
        types: query.tool_types,
        exceptTypes: query.exclude_tool_types,
      }),
    })
    const cursors = present({ after: query.after, before: query.before })
    return context.json(
      toListPage(found, { limit: query.limit, order: query.order, ...cursors }).map(encodeTool),
    )
  })

  api.get('/tools/count', (context) => {
    const query = decodeQuery(toolListQuery, queryOf(context))
    return context.json(tools.list(present({ names: query.names, ids: query.tool_ids })).length)
  })

  // Clients of the original call this once to have the base tools created; here they always exist.
  api.post('/tools/add-base-tools', (context) => context.json(tools.list({}).map(encodeTool)))

  api.get('/tools/:tool_id', (context) =>
    context.json(encodeTool(tools.get(pathId(context, 'tool')))),
  )
}

function checkType(type: string): void {
  if (toolTypes.some((known) => known === type)) return
  throw new AppError(
    'invalid_argument',
    `Cannot list tools of type "${type}": there is none of that name. Use ${toolTypes.join(', ')}.`,
  )
}

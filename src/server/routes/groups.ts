import type { App } from '../../app/app.ts'
import { AppError } from '../../errors/app-error.ts'
import {
  createGroupSchema,
  encodeGroup,
  groupListQuery,
  updateGroupSchema,
} from '../../wire/group.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId, queryOf } from './path.ts'

/** Groups of sleep-time agents; other kinds of groups are not part of this version. */
export function addGroupRoutes(api: Api, { services: { groups }, settings }: App): void {
  api.get('/groups', async (context) => {
    const query = decodeQuery(groupListQuery, queryOf(context))
    if ((query.manager_type ?? 'sleeptime') !== 'sleeptime') return context.json([])
    const found = await groups.list(context.get('scope'), toPage(query))
    return context.json(found.map(encodeGroup))
  })

  api.get('/groups/count', async (context) =>
    context.json(await groups.count(context.get('scope'))),
  )

  api.post('/groups', async (context) => {
    await readBody(context, createGroupSchema, settings.bodyLimitBytes)
    throw new AppError(
      'not_supported',
      'Cannot create a group: the only kind of this version is that of sleep-time agents. Create the agent with enable_sleeptime.',
    )
  })

  api.get('/groups/:group_id', async (context) => {
    const group = await groups.get(context.get('scope'), pathId(context, 'group'))
    return context.json(encodeGroup(group))
  })

  api.patch('/groups/:group_id', async (context) => {
    const body = await readBody(context, updateGroupSchema, settings.bodyLimitBytes)
    const config = body.manager_config
    if (config !== undefined && config.manager_type !== 'sleeptime') {
      throw new AppError('invalid_argument', 'Cannot change group pattern after creation')
    }
    const group = await groups.update(
      context.get('scope'),
      pathId(context, 'group'),
      present({
        memberIds: body.agent_ids,
        description: body.description,
        frequency: config?.sleeptime_agent_frequency,
      }),
    )
    return context.json(encodeGroup(group))
  })

  api.delete('/groups/:group_id', async (context) => {
    const id = pathId(context, 'group')
    await groups.delete(context.get('scope'), id)
    return context.json({ message: `Group id=${id} successfully deleted` })
  })

  api.get('/agents/:agent_id/groups', async (context) => {
    const found = await groups.ofAgent(context.get('scope'), pathId(context, 'agent'))
    return context.json(found.map(encodeGroup))
  })
}

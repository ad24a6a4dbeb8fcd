import { Hono } from 'hono'
import { getPathNoStrict } from 'hono/utils/url'
import type { App } from '../app/app.ts'
import type { Api, ServerEnvironment } from './api.ts'
import { allowOrigins } from './middleware/allow-origins.ts'
import { authenticate } from './middleware/authenticate.ts'
import { handleError } from './middleware/handle-error.ts'
import { guardHost } from './middleware/guard-host.ts'
import { identifyRequest } from './middleware/identify-request.ts'
import { limitBody } from './middleware/limit-body.ts'
import { addAgentRoutes } from './routes/agents.ts'
import { addAgentBlockRoutes } from './routes/agent-blocks.ts'
import { addAgentMessageRoutes } from './routes/agent-messages.ts'
import { addMessageImportRoutes } from './routes/message-imports.ts'
import { addAgentToolRoutes } from './routes/agent-tools.ts'
import { addArchivalMemoryRoutes } from './routes/archival-memory.ts'
import { addArchiveRoutes } from './routes/archives.ts'
import { addBackgroundJobRoutes } from './routes/background-jobs.ts'
import { addEmbeddingRoutes } from './routes/embeddings.ts'
import { addBlockRoutes } from './routes/blocks.ts'
import { addConversationMessageRoutes } from './routes/conversation-messages.ts'
import { addCompactionRoutes } from './routes/compactions.ts'
import { addContextRoutes } from './routes/contexts.ts'
import { addConversationPauseRoutes } from './routes/conversation-pauses.ts'
import { addConversationRoutes } from './routes/conversations.ts'
import { addDocumentRoutes } from './routes/documents.ts'
import { addForgetRoutes } from './routes/forget.ts'
import { addHealthRoutes, answerReadiness } from './routes/health.ts'
import { addGroupRoutes } from './routes/groups.ts'
import { addKeyRoutes } from './routes/keys.ts'
import { addFactRoutes } from './routes/facts.ts'
import { addConsolidationRoutes } from './routes/consolidation.ts'
import { addMemoryRoutes } from './routes/memory.ts'
import { addMessageRoutes } from './routes/messages.ts'
import { addModelRoutes } from './routes/models.ts'
import { addRunRoutes } from './routes/runs.ts'
import { addScheduleRoutes } from './routes/schedules.ts'
import { addTagRoutes } from './routes/tags.ts'
import { addToolRoutes } from './routes/tools.ts'

/** How requests reach the server. */
export interface ServerOptions {
  /**
   * `network`: from anywhere, so that Host, Origin and key are checked. `in-process`: from the program that holds the
   * data folder itself, as its default user. Default: `network`.
   */
  readonly access?: 'network' | 'in-process'
}

/** Each resource with the routes it has. */
const routes: readonly ((api: Api, app: App) => void)[] = [
  addHealthRoutes,
  addAgentRoutes,
  addAgentBlockRoutes,
  addAgentMessageRoutes,
  addMessageImportRoutes,
  addAgentToolRoutes,
  addArchivalMemoryRoutes,
  addArchiveRoutes,
  addBackgroundJobRoutes,
  addEmbeddingRoutes,
  addBlockRoutes,
  addConversationRoutes,
  addConversationPauseRoutes,
  addCompactionRoutes,
  addContextRoutes,
  addConversationMessageRoutes,
  addDocumentRoutes,
  addForgetRoutes,
  addKeyRoutes,
  addFactRoutes,
  addMemoryRoutes,
  addConsolidationRoutes,
  addGroupRoutes,
  addMessageRoutes,
  addModelRoutes,
  addRunRoutes,
  addScheduleRoutes,
  addTagRoutes,
  addToolRoutes,
]

/**
 * The HTTP API of an app, as something that answers web requests; `listen` puts it on a socket.
 *
 * All routes exist under `/v1` and `/latest`, with and without a slash at the end.
 */
export function createServer(app: App, options: ServerOptions = {}): Hono<ServerEnvironment> {
  const isOpen = options.access === 'in-process'
  const api: Api = new Hono<ServerEnvironment>()
  for (const addRoutes of routes) addRoutes(api, app)

  const server = new Hono<ServerEnvironment>({ getPath: toRoutePath })
  server.onError((error, context) => handleError(app, error, context))
  server.notFound((context) => {
    const allowed = allowedMethods(server, context.req.path)
    if (allowed.length === 0) return context.json({ detail: 'Not Found' }, 404)
    return context.json({ detail: 'Method Not Allowed' }, 405, { allow: allowed.join(', ') })
  })
  server.use(identifyRequest(app))
  if (!isOpen) server.use(guardHost(app), allowOrigins(app))
  server.use(authenticate(app, { isOpen }))
  server.use(limitBody(app))
  server.get('/openapi.json', async (context) => {
    const { createOpenApi } = await import('./openapi.ts')
    return context.json(createOpenApi(app.settings.version))
  })
  server.get('/ready', answerReadiness(app))
  server.route('/v1', api)
  return server
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The methods that a path is answered for. */
function allowedMethods({ router }: Hono<ServerEnvironment>, path: string): readonly string[] {
  return methods.filter((method) =>
    router.match(method, path)[0].some(([[, route]]) => route.method === method),
  )
}

/** Where the route of a request stands: `/latest` is another name of `/v1`, and a slash at the end means nothing. */
function toRoutePath(request: Request): string {
  return getPathNoStrict(request).replace(/^\/latest(?=\/|$)/, '/v1')
}

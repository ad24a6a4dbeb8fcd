import type { AppParts } from '../app/app-parts.ts'
import { defaultScope } from '../domain/scope.ts'
import { readEnvironment } from '../config/environment.ts'
import { loadSettings, type Settings } from '../config/load-settings.ts'
import { createServer } from './create-server.ts'
import { openApp } from './open-app.ts'

/** How the product is opened in a process. */
export interface OpenEmbeddedOptions {
  /** The data folder. Default: `LETTA_HOME`, else the platform's folder for `letta-ts`. */
  readonly home?: string
}

/** The product opened in this process. */
export interface EmbeddedProduct {
  /** Serves a request as a server would, without a socket; the caller counts as an administrator. */
  readonly fetch: (request: Request) => Promise<Response>
  /** The data folder. */
  readonly dataPath: string
  /** Carries on what an earlier process left open in a conversation; resolves with the number of turns. */
  recover(options: { readonly conversationId: string }): Promise<number>
  /** Ends what it does in the background and closes the database. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens the data folder in this process, with the settings of its environment. It runs only the turns of the
 * conversations it is asked about, and nothing that keeps the process from ending.
 */
export async function openEmbedded(options: OpenEmbeddedOptions = {}): Promise<EmbeddedProduct> {
  const settings = loadSettings(readEnvironment(), { home: options.home })
  const app = await openApp({
    settings,
    host: 'inline',
    appSettings: { localToken: null, requireKey: false },
    logger: await createEmbeddedLogger(settings),
  })
  const server = createServer(app, { access: 'in-process' })
  return {
    fetch: async (request) => server.fetch(request),
    dataPath: settings.home,
    recover: ({ conversationId }) => app.runtime.recover(defaultScope, { conversationId }),
    close: async () => {
      // Whoever closes does not want to wait: an open turn is carried on by the next who asks.
      await app.runtime.stop({ deadlineMs: 0 })
      await app.close()
    },
  }
}

/** A command's own errors are told in sentences, so it logs only when it is asked to. */
async function createEmbeddedLogger(settings: Settings): Promise<AppParts['logger']> {
  if (settings.sources['logLevel'] === undefined || settings.logLevel === 'silent') {
    return silentLogger
  }
  const { createLogger } = await import('../telemetry/logger.ts')
  const to = settings.logFile ? { home: settings.home } : 'stderr'
  return createLogger({ level: settings.logLevel, to })
}

const silentLogger: AppParts['logger'] = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

import type { App } from '../app/app.ts'
import type { AppParts, AppSettings } from '../app/app-parts.ts'
import { createApp } from '../app/create-app.ts'
import type { Settings } from '../config/load-settings.ts'
import { createPrivateFolder } from '../config/platform.ts'
import { loadSecretKey } from '../config/secret-key.ts'
import { version } from '../config/version.ts'
import { AppError } from '../errors/app-error.ts'
import { systemReason } from '../errors/system-reason.ts'
import { openStore } from '../storage/open-store.ts'
import type { Store } from '../storage/store.ts'
import type { Tool } from '../tools/tool.ts'

/** How an app is opened on a data folder. */
export interface OpenAppOptions {
  readonly settings: Settings
  /** Where the engine runs: `inline` for short commands, `worker` for servers. */
  readonly host: 'inline' | 'worker'
  /** What the settings do not say. */
  readonly appSettings: Pick<AppSettings, 'localToken' | 'requireKey'>
  readonly logger: AppParts['logger']
}

/**
 * Opens the database, which is in the data folder or on a server, and builds the app on it. Rejects with `home_unusable`, `configuration_invalid` or a storage
 * code.
 */
export async function openApp(options: OpenAppOptions): Promise<App> {
  const { settings, host, logger } = options
  const tools = await loadTools(settings.toolsModule)
  makeHome(settings.home)
  const store = await openStore({
    location: settings.databaseUrl ?? settings.home,
    folder: settings.home,
    host,
    poolSize: settings.databasePool,
    rewriteLimitBytes: settings.forgetRewriteMegabytes * 1024 * 1024,
  })
  // After the database, so that a key without one tells that it was lost.
  const secretKey = await loadKeyOf(store, settings)
  return createApp({
    store,
    models: {
      providers: settings.providers,
      defaultModel: settings.defaultModel,
      routes: settings.modelRoutes,
    },
    secretKey,
    logger,
    version,
    tools,
    runtimeSettings: {
      concurrentTurns: settings.concurrentTurns,
      recallTokens: settings.recallTokens,
      summaryTimeoutMs: settings.summaryTimeoutSeconds * 1000,
    },
    settings: {
      bodyLimitBytes: settings.bodyLimit,
      allowedHosts: settings.allowedHosts,
      allowedOrigins: settings.allowedOrigins,
      keepEventsMs: settings.eventRetentionDays * 24 * 60 * 60_000,
      outboundAllow: settings.outboundAllow,
      rejectBusy: settings.busy === 'reject',
      defaultEmbedding: settings.defaultEmbedding,
      ...options.appSettings,
    },
  })
}

/** First of all, so that a module that cannot be used leaves nothing behind. */
async function loadTools(path: string | null): Promise<readonly Tool[]> {
  if (path === null) return []
  const { loadOperatorTools } = await import('../tools/load-operator-tools.ts')
  return await loadOperatorTools(path)
}

async function loadKeyOf(store: Store, settings: Settings): Promise<Uint8Array> {
  try {
    return loadSecretKey(settings)
  } catch (error) {
    await store.close()
    throw error
  }
}

function makeHome(home: string): void {
  try {
    createPrivateFolder(home)
  } catch (error) {
    throw new AppError(
      'home_unusable',
      `Cannot create the data folder ${home}: ${systemReason(error)}. ` +
        'Make its parent writable, or set LETTA_HOME to another folder.',
      { cause: error },
    )
  }
}

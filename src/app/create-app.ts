import { randomUUID } from 'node:crypto'
import { createModelSource } from '../llm/create-model-source.ts'
import { createEmbedderSource, type EmbedderSource } from '../llm/embedder.ts'
import type { ModelSettings } from '../llm/model-settings.ts'
import type { ModelSource } from '../llm/model-source.ts'
import { analyse } from '../memory/analysis/analyse.ts'
import { commonWords } from '../memory/search/common-words.ts'
import { createTextMemory } from '../memory/search/text-memory.ts'
import { defaultJobSettings, JobWorker, type JobSettings } from '../jobs/job-worker.ts'
import { createCallbackKind } from '../jobs/kinds/call-back.ts'
import { createScheduleKind } from '../jobs/kinds/fire-schedules.ts'
import { createForgetKind } from '../jobs/kinds/finish-forget.ts'
import { createEmbedKind } from '../jobs/kinds/embed.ts'
import { encodeReport } from '../wire/memory.ts'
import { createConsolidationKind } from '../jobs/kinds/consolidate.ts'
import { createRetentionKind } from '../jobs/kinds/retain.ts'
import { createSleeptimeKind } from '../jobs/kinds/sleeptime.ts'
import { createOutboundGuard } from '../net/outbound-guard.ts'
import { createRuntime } from '../runtime/create-runtime.ts'
import { defaultRuntimeSettings, type RuntimeSettings } from '../runtime/runtime-parts.ts'
import { TokenCalibration } from '../runtime/token-calibration.ts'
import type { Store } from '../storage/store.ts'
import { createToolRegistry } from '../tools/registry.ts'
import type { Tool } from '../tools/tool.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import { type IdSource, randomIds } from '../util/id-source.ts'
import type { App } from './app.ts'
import { type AppParts, type AppSettings, defaultAppSettings, type Logger } from './app-parts.ts'
import { createSecretBox } from './secret-box.ts'
import { createConsolidationService } from './services/consolidation.ts'
import { createForgetService } from './services/forget.ts'
import { createServices } from './services/services.ts'
import { WriteRefusals } from './write-refusals.ts'

/** What an app is built from. */
export interface AppOptions {
  /** An open store; the app owns it from now on and closes it. */
  readonly store: Store
  /** Where models come from, or the settings to make that from. */
  readonly models: ModelSource | ModelSettings
  /** Where models of embeddings come from. Default: the endpoints of `models`, or none where that is a source. */
  readonly embedders?: EmbedderSource
  /** The 32 bytes that stored secrets are encrypted with. */
  readonly secretKey: Uint8Array
  readonly logger: Logger
  /** The version of the program. */
  readonly version: string
  /** How the API behaves; what is left out has its default. */
  readonly settings?: Partial<AppSettings>
  /** How turns are run; what is left out has its default. */
  readonly runtimeSettings?: Partial<RuntimeSettings>
  /** How jobs are done; what is left out has its default. */
  readonly jobSettings?: Partial<JobSettings>
  /** Tools beside the built-in ones. */
  readonly tools?: readonly Tool[]
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Default: random identifiers. */
  readonly ids?: IdSource
}

/**
 * The composition root: builds every part of the product and ties them together. Nothing runs in the background until
 * an input is submitted or `app.runtime.start()` is called.
 */
export function createApp(options: AppOptions): App {
  const { logger } = options
  const clock = options.clock ?? systemClock
  const refusals = new WriteRefusals(clock)
  const store = refusals.watch(options.store)
  const ids = options.ids ?? randomIds
  const models = isModelSource(options.models)
    ? options.models
    : createModelSource(options.models, { clock, toWords: tellingWords })
  const tools = createToolRegistry(options.tools)
  const texts = createTextMemory({ clock })
  const embedders = options.embedders ?? createEmbedderSource(endpointsOf(options.models))
  const calibration = new TokenCalibration({ store, clock })
  const runtime = createRuntime({
    store,
    models,
    calibration,
    tools,
    texts,
    embedders,
    clock,
    ids,
    logger,
    settings: { ...defaultRuntimeSettings, ...options.runtimeSettings },
  })
  const settings: AppSettings = {
    ...defaultAppSettings,
    version: options.version,
    instanceId: randomUUID(),
    ...options.settings,
  }
  const guard = createOutboundGuard(settings.outboundAllow)
  const forget = createForgetService({ store, clock, ids, logger, texts })
  const consolidation = createConsolidationService({ store, clock, models })
  const jobs = new JobWorker({
    store,
    clock,
    logger,
    kinds: [
      createScheduleKind({ store, runtime, clock, ids }),
      createCallbackKind({ store, clock, guard, version: settings.version }),
      createForgetKind({ store, clock }),
      createRetentionKind({
        store,
        clock,
        keepEventsMs: settings.keepEventsMs,
        forgetPassages: async (scope, passageIds, options) => {
          await forget.expire(scope, passageIds, options)
        },
      }),
      createEmbedKind({ store, clock, embedders }),
      createSleeptimeKind({ store, runtime, clock }),
      createConsolidationKind({
        store,
        consolidate: async (scope, agentId, signal) => {
          const done = await consolidation.run(scope, agentId, { signal })
          const { changes, proposals, skipped, unread, model } = done
          return {
            changes: changes.length,
            proposals: proposals.length,
            skipped,
            unread,
            model: encodeReport(model),
          }
        },
      }),
    ],
    settings: { ...defaultJobSettings, ...options.jobSettings },
  })
  const parts: AppParts = {
    settings,
    store,
    refusals,
    models,
    calibration,
    embedders,
    tools,
    texts,
    runtime,
    clock,
    ids,
    secrets: createSecretBox(options.secretKey),
    jobs,
    guard,
    logger,
  }
  let closing: Promise<void> | null = null
  async function close(): Promise<void> {
    await jobs.stop({ deadlineMs: 0 })
    await runtime.stop()
    await store.close()
  }
  return {
    ...parts,
    services: createServices(parts),
    close: () => (closing ??= close()),
  }
}

function isModelSource(models: ModelSource | ModelSettings): models is ModelSource {
  return 'resolve' in models
}

/** Where embeddings may be made: nowhere, when chat models come from a source of their own. */
function endpointsOf(models: ModelSource | ModelSettings): ModelSettings {
  return isModelSource(models) ? { providers: [], defaultModel: null, routes: [] } : models
}

/** What a text is about, in the tokens of search. */
function tellingWords(text: string): readonly string[] {
  return analyse(text).filter((token) => !commonWords.has(token))
}

import { systemClock } from '../../util/clock.ts'
import { createStore, type StoreHost } from '../create-store.ts'
import type { OpenStoreOptions } from '../open-store.ts'
import type { Store, StoreDescription } from '../store.ts'
import { openDataFolder } from './data-folder.ts'
import { EmbeddedEngine, type EngineDescription, type EngineOptions } from './engine.ts'
import { InlineHost } from './inline-host.ts'
import { PeerWatch } from './peer-watch.ts'
import { lockProcess, type ProcessLock } from './process-lock.ts'

const defaultBusyDeadlineMs = 10_000
const memory = ':memory:'

/** Opens the embedded database in a folder or in memory. Rejects as `openStore` does. */
export async function openEmbeddedStore(options: OpenStoreOptions): Promise<Store> {
  const host = options.location === memory ? openInMemory(options) : openInFolder(options)
  return createStore(await host)
}

/** A database in memory has one connection, so it is always inline. */
async function openInMemory(options: OpenStoreOptions): Promise<StoreHost> {
  const engine = new EmbeddedEngine(engineOptions(options, { file: memory, backupFolder: null }))
  const owner = `process-${crypto.randomUUID()}`
  return new InlineHost({
    engine,
    description: describe(engine.description, { location: memory, owner }),
    busyDeadlineMs: options.busyDeadlineMs ?? defaultBusyDeadlineMs,
  })
}

async function openInFolder(options: OpenStoreOptions): Promise<StoreHost> {
  const folder = openDataFolder(options.location)
  const files = { file: folder.databaseFile, backupFolder: folder.backupFolder }
  const lock = lockProcess(folder.processFolder)
  try {
    const engine = new EmbeddedEngine(engineOptions(options, files))
    return new InlineHost({
      engine,
      description: describe(engine.description, { location: folder.path, owner: lock.owner }),
      registration: {
        lock,
        folder: folder.processFolder,
        peers: new PeerWatch(folder.processFolder, lock.owner),
      },
      busyDeadlineMs: options.busyDeadlineMs ?? defaultBusyDeadlineMs,
    })
  } catch (error) {
    lock.release()
    throw error
  }
}

function engineOptions(
  options: OpenStoreOptions,
  files: Pick<EngineOptions, 'file' | 'backupFolder'>,
): EngineOptions {
  return { ...files, ...options.hooks, now: (options.clock ?? systemClock).now() }
}

function describe(
  engine: EngineDescription,
  place: { readonly location: string; readonly owner: ProcessLock['owner'] },
): StoreDescription {
  return { engine: 'sqlite', ...place, ...engine }
}

import { randomUUID } from 'node:crypto'
import { type AppError, isAppError } from '../../errors/app-error.ts'
import { systemClock } from '../../util/clock.ts'
import { createStore, type StoreHost } from '../create-store.ts'
import type { OpenStoreOptions } from '../store-options.ts'
import type { Store } from '../store.ts'
import { findDataFolder, hasDatabase, openDataFolder } from './data-folder.ts'
import { demandWholeDatabase } from './lost-database.ts'
import { lockProcess } from './process-lock.ts'
import { isUnwritable } from './sqlite-error.ts'

const defaultBusyDeadlineMs = 10_000
const memory = ':memory:'

/** Opens the embedded database in a folder or in memory. Rejects as `openStore` does. */
export async function openEmbeddedStore(options: OpenStoreOptions): Promise<Store> {
  const host = options.location === memory ? openInMemory(options) : openInFolder(options)
  return createStore(await host)
}

/** A database in memory has one connection, so it is always inline. */
async function openInMemory(options: OpenStoreOptions): Promise<StoreHost> {
  const { openInline } = await import('./inline-host.ts')
  return openInline({
    ...common(options),
    location: memory,
    owner: `process-${randomUUID()}`,
    file: memory,
    folder: null,
  })
}

/** A command that only reads works on a disk that is full or not to be written, too; a server does not start there. */
async function openInFolder(options: OpenStoreOptions): Promise<StoreHost> {
  try {
    return await openToWrite(options)
  } catch (error) {
    const isReadable = options.host !== 'worker' && hasDatabase(options.location)
    if (!isReadable || !isUnwritable(error)) throw error
    return await openToRead(options, error)
  }
}

/** What is wrong with the disk is what a failure to read is about, too. */
async function openToRead(options: OpenStoreOptions, refusal: AppError): Promise<StoreHost> {
  const { openInline } = await import('./inline-host.ts')
  const folder = findDataFolder(options.location)
  const owner = `process-${randomUUID()}`
  try {
    return openInline({
      ...common(options),
      location: folder.path,
      owner,
      file: folder.databaseFile,
      folder: { ...folder, lock: { owner, release: () => undefined } },
      refusal,
    })
  } catch {
    throw refusal
  }
}

async function openToWrite(options: OpenStoreOptions): Promise<StoreHost> {
  demandPresent(options.location)
  const folder = openDataFolder(options.location)
  const lock = lockProcess(folder.processFolder)
  try {
    if (options.host === 'worker') {
      const { WorkerHost } = await import('./worker-host.ts')
      return await WorkerHost.open({ ...common(options), folder, lock })
    }
    const { openInline } = await import('./inline-host.ts')
    return openInline({
      ...common(options),
      location: folder.path,
      owner: lock.owner,
      file: folder.databaseFile,
      folder: { ...folder, lock },
    })
  } catch (error) {
    lock.release()
    throw error
  }
}

/** What stands in the way of looking is in the way of opening, which tells it better. */
function demandPresent(location: string): void {
  try {
    demandWholeDatabase(findDataFolder(location))
  } catch (error) {
    if (isAppError(error)) throw error
  }
}

function common(
  options: OpenStoreOptions,
): Required<Pick<OpenStoreOptions, 'busyDeadlineMs' | 'hooks'>> & { readonly now: number } {
  return {
    busyDeadlineMs: options.busyDeadlineMs ?? defaultBusyDeadlineMs,
    hooks: options.hooks ?? {},
    now: (options.clock ?? systemClock).now(),
  }
}

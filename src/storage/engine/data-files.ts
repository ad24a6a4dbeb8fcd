import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { PurgeReport } from '../store.ts'
import { cleanLog, type Needles } from './search-files.ts'

/** Logs of the program, and what a rotation made of them, such as `letta.log.1`. */
const logName = /\.log(?:[.-]\d+)*$/

/** Files whose bytes say nothing about their words. */
const packedName = /\.(?:gz|bz2|xz|zst|zip|7z)$/

/** Every file of a data folder but the backups, which are named instead of searched. */
function listDataFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(folder, file).startsWith('backups'))
    .toSorted()
}

/** Takes the lines out of all logs that hold one of the needles; all lines when they are null. Returns how many went. */
export function cleanLogs(folder: string, needles: Needles | null): number {
  return listDataFiles(folder)
    .filter((file) => logName.test(file))
    .reduce((sum, file) => sum + cleanLog(file, needles), 0)
}

/** What a search of the files of a data folder found. */
export type FolderSearch = Pick<PurgeReport, 'filesSearched' | 'filesFound' | 'outside'>

/** Searches the files of a data folder as they are now. Rejects as {@link findHolding} does. */
export async function searchFolder(folder: string, needles: Needles): Promise<FolderSearch> {
  // Few commands search, and none has to load what starts a process.
  const { findHolding } = await import('./file-search.ts')
  const files = listDataFiles(folder)
  const holders = await findHolding(files, needles)
  const named = holders.map((file) => `${relative(folder, file)} in the data folder`)
  return {
    filesSearched: files.length,
    filesFound: holders.length,
    outside: [...listUnsearched(folder), ...named],
  }
}

/** What lies in a data folder and is not looked into: backups, and files that are packed. */
export function listUnsearched(folder: string): readonly string[] {
  const backups = join(folder, 'backups')
  const names = existsSync(backups) ? readdirSync(backups).toSorted() : []
  const packed = listDataFiles(folder).filter((file) => packedName.test(file))
  return [
    ...names.map((name) => `backups/${name}`),
    ...packed.map((file) => relative(folder, file)),
  ]
}

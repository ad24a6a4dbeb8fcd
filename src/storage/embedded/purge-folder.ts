import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { PurgeReport, PurgeRequest } from '../store.ts'
import { cleanLog, holdsAny, toNeedles } from './search-files.ts'

/** How long to wait before a compaction is tried again that another connection was in the way of, in milliseconds. */
export const compactPause = 20

/** How a data folder is cleaned. */
export interface PurgeFolderOptions extends PurgeRequest {
  /** Null for a database in memory, which has no files. */
  readonly folder: string | null
  /** Writes the index, or the whole file, anew, and empties the log; rejects when other connections do not let it. */
  readonly compact: (rewrite: boolean) => Promise<void>
}

/**
 * Cleans a data folder of what deleted rows left there. The index is written anew and the log emptied; the file itself
 * only where the texts are still found, or are not known. Lines of logs that hold them go; all lines when they are not known.
 */
export async function purgeFolder(options: PurgeFolderOptions): Promise<PurgeReport> {
  const { folder, texts, compact } = options
  await compact(texts === null)
  if (folder === null) {
    const cleaning = {
      index: 'rewritten',
      log: 'emptied',
      file: texts === null ? 'rewritten' : 'kept',
    }
    return { filesSearched: 0, filesFound: 0, cleaning, outside: [] }
  }
  const needles = texts === null ? null : toNeedles(texts)
  const logLines = listFiles(folder)
    .filter((file) => file.endsWith('.log'))
    .reduce((sum, file) => sum + cleanLog(file, needles), 0)
  const outside = listBackups(folder)
  if (needles === null) {
    const cleaning = { index: 'rewritten', log: 'emptied', file: 'rewritten', logLines }
    return { filesSearched: 0, filesFound: null, cleaning, outside }
  }
  const mustRewrite = countFound(listFiles(folder), needles) > 0
  if (mustRewrite) await compact(true)
  const files = listFiles(folder)
  return {
    filesSearched: files.length,
    filesFound: countFound(files, needles),
    cleaning: {
      index: 'rewritten',
      log: 'emptied',
      file: mustRewrite ? 'rewritten' : 'kept',
      logLines,
    },
    outside,
  }
}

function countFound(files: readonly string[], needles: readonly string[]): number {
  return files.filter((file) => holdsAny(file, needles)).length
}

/** Every file of a folder but the backups, which are named instead of searched. */
function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(folder, file).startsWith('backups'))
    .toSorted()
}

function listBackups(folder: string): readonly string[] {
  const backups = join(folder, 'backups')
  if (!existsSync(backups)) return []
  return readdirSync(backups)
    .toSorted()
    .map((name) => `backups/${name}`)
}

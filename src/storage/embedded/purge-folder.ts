import { cleanLogs, listUnsearched, searchFolder } from '../engine/data-files.ts'
import { toNeedles } from '../engine/search-files.ts'
import type { PurgeReport, PurgeRequest } from '../store.ts'

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
    const file = texts === null ? 'rewritten' : 'kept'
    const cleaning = { index: 'rewritten', log: 'emptied', file }
    return { filesSearched: 0, filesFound: 0, cleaning, outside: [] }
  }
  const needles = texts === null ? null : toNeedles(texts)
  const logLines = cleanLogs(folder, needles)
  const cleaning = { index: 'rewritten', log: 'emptied', file: 'rewritten', logLines }
  if (needles === null) {
    return { filesSearched: 0, filesFound: null, cleaning, outside: listUnsearched(folder) }
  }
  const before = await searchFolder(folder, needles)
  if (before.filesFound === 0) return { cleaning: { ...cleaning, file: 'kept' }, ...before }
  await compact(true)
  return { cleaning, ...(await searchFolder(folder, needles)) }
}

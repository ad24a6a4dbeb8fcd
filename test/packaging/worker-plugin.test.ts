import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { workerPlugin } from '../../scripts/build/worker-plugin.ts'

describe('workerPlugin()', () => {
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'letta-ts-bundle-'))
    await mkdir(join(root, 'src', 'storage'), { recursive: true })
    await writeFile(join(root, 'src', 'storage', 'worker.ts'), 'export {}')
    const host = "export const place: URL = new URL('./storage/worker.ts', import.meta.url)"
    await writeFile(join(root, 'src', 'host.ts'), host)
  })

  afterEach(() => rm(root, { recursive: true }))

  function bundle(workers: Record<string, string>): Promise<{ outputFiles: { text: string }[] }> {
    return build({
      absWorkingDir: root,
      bundle: true,
      entryPoints: ['src/host.ts'],
      format: 'esm',
      logLevel: 'silent',
      outdir: 'dist',
      plugins: [workerPlugin(root, workers)],
      write: false,
    })
  }

  test('points a reference to a source file at its bundle', async () => {
    const { outputFiles } = await bundle({ 'storage-worker': 'src/storage/worker.ts' })
    expect(outputFiles[0]?.text).toContain('new URL("./storage-worker.js", import.meta.url)')
  })

  test('refuses a reference to a file that has no bundle', async () => {
    await expect(bundle({})).rejects.toThrow(/Add it to the entries in scripts\/build\.ts/)
  })
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keepTogether } from '../../scripts/build/keep-together.ts'
import { workerPlugin } from '../../scripts/build/worker-plugin.ts'

/** Three commands that share one module each two, and a program of its own that needs one of them. */
const sources = {
  main: "void [import('./ask.ts'), import('./list.ts'), import('./show.ts')]",
  ask: "import { name } from './name.ts'; import { time } from './time.ts'; globalThis.asked = [name, time]",
  list: "import { name } from './name.ts'; globalThis.listed = name",
  show: "import { time } from './time.ts'; globalThis.shown = time",
  alone: "import { time } from './time.ts'; globalThis.alone = time",
  name: "export const name = 'name'",
  time: "export const time = 'time'",
}

describe('keepTogether()', () => {
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'letta-ts-together-'))
    await mkdir(join(root, 'src'))
    for (const [name, text] of Object.entries(sources)) {
      await writeFile(join(root, 'src', `${name}.ts`), text)
    }
  })

  afterEach(() => rm(root, { recursive: true }))

  async function bundle(apart?: readonly string[]): Promise<Metafile> {
    const cut = async (draft?: Metafile): Promise<Metafile> => {
      const stages = ['src/ask.ts']
      const append = draft && keepTogether({ root, metafile: draft, stages, apart: apart ?? [] })
      const { metafile } = await build({
        absWorkingDir: root,
        bundle: true,
        entryPoints: ['src/main.ts', 'src/alone.ts'],
        format: 'esm',
        metafile: true,
        outdir: 'dist',
        plugins: [workerPlugin(root, {}, append)],
        splitting: true,
        write: false,
      })
      return metafile
    }
    const draft = await cut()
    return apart === undefined ? draft : cut(draft)
  }

  /** What lies in the files that no entry stands for. */
  function sharedFiles({ outputs }: Metafile): string[] {
    return Object.values(outputs)
      .filter(({ entryPoint }) => entryPoint === undefined)
      .map(({ inputs }) => Object.keys(inputs).toSorted().join(' '))
      .toSorted()
  }

  test('esbuild makes a file for each set of commands', async () => {
    expect(sharedFiles(await bundle())).toEqual(['src/name.ts', 'src/time.ts'])
  })

  test('keeps what a command loads in one file, for every command', async () => {
    expect(sharedFiles(await bundle([]))).toEqual(['src/name.ts src/time.ts'])
  })

  test('gives a program that is to start with little only what it needs', async () => {
    const files = await bundle(['src/alone.ts'])
    expect(sharedFiles(files)).toEqual(['src/name.ts', 'src/time.ts'])
    const alone = Object.values(files.outputs).find((file) => file.entryPoint === 'src/alone.ts')
    expect(alone?.imports).toHaveLength(1)
  })
})

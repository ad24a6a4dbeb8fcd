import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleInto } from './build-program.ts'

const deadlineMs = 25_000

/** The bundled program of this test run: made by the first who asks, removed with the run's temporary home. */
export async function sharedProgram(): Promise<{ readonly main: string }> {
  const home = process.env['LETTA_HOME']
  if (home === undefined) throw new Error('The run was not prepared: see test/setup')
  const folder = join(home, 'program')
  const complete = join(folder, 'complete')
  const dist = join(folder, 'dist')
  if (await isFirst(folder)) {
    await bundleInto(dist)
    await writeFile(complete, '')
  }
  const start = performance.now()
  while (!existsSync(complete)) {
    if (performance.now() - start > deadlineMs) throw new Error('The program was not bundled')
    await sleep(20)
  }
  return { main: join(dist, 'main.cjs') }
}

async function isFirst(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

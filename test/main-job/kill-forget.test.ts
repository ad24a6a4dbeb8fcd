import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultScope } from '../../src/domain/scope.ts'
import { createTemporaryFolder } from '../../src/storage/conformance/temporary-folder.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'

const word = 'zugheron4711x'

/** Runs the program in a folder until it has killed itself. */
async function forgetAndDie(folder: string, place: string): Promise<void> {
  const program = join(import.meta.dirname, 'forget-program.ts')
  const child = spawn(process.execPath, [program, folder, place, word], { stdio: 'inherit' })
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  expect(signal).toBe('SIGKILL')
}

function filesWith(home: string): readonly string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'latin1').toLowerCase().includes(word))
}

it('a forgetting that is killed before its commit has removed nothing', async () => {
  const folder = await createTemporaryFolder()
  await forgetAndDie(folder.path, 'before-commit')
  await using test = await createTestApp({ store: await openStore({ location: folder.path }) })
  expect(await test.app.services.forget.list(defaultScope, { limit: 9 })).toEqual([])
  const page = { limit: 100, order: 'asc' } as const
  const messages = await test.app.store.listMessages(defaultScope, page)
  expect(JSON.stringify(messages)).toContain(word)
  await folder.remove()
})

it('a forgetting that is killed after its commit is cleaned up by the next server', async () => {
  const folder = await createTemporaryFolder()
  await forgetAndDie(folder.path, 'after-commit')
  await using test = await createTestApp({ store: await openStore({ location: folder.path }) })
  const [receipt] = await test.app.services.forget.list(defaultScope, { limit: 9 })
  expect(receipt).toMatchObject({ state: 'removed', completedAt: null })
  test.app.jobs.start()
  await test.clock.advance(60_000)
  const done = await test.app.services.forget.get(defaultScope, receipt?.id ?? '')
  expect(done).toMatchObject({
    state: 'done',
    counts: receipt?.counts,
    cleaning: { file: 'rewritten' },
    residue: { rowsFound: null },
  })
  expect(filesWith(folder.path)).toEqual([])
  await folder.remove()
})

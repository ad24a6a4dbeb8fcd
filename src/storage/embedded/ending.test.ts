import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { openStore } from '../open-store.ts'

const program = fileURLToPath(new URL('./unclosed-process.ts', import.meta.url))
const run = promisify(execFile)

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await createTemporaryFolder()
})

afterEach(async () => {
  await folder.remove()
})

describe.each(['inline', 'worker'] as const)(
  'a program with the %s host that never closes',
  (host) => {
    it('ends by itself, but not before what it began is stored', async () => {
      const { stdout } = await run(process.execPath, [program, folder.path, host], {
        timeout: 8000,
      })
      const { scope, id } = JSON.parse(stdout) as { scope: never; id: string }
      const store = await openStore({ location: folder.path })
      expect((await store.getBlock(scope, { id })).id).toBe(id)
      await store.close()
    })
  },
)

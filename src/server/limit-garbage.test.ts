import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('limitGarbage() asks for what this Node knows: V8 complains of any other flag', async () => {
  const url = new URL('./limit-garbage.ts', import.meta.url).href
  const script = `import { limitGarbage } from ${JSON.stringify(url)}; limitGarbage()`
  const run = promisify(execFile)
  const said = await run(process.execPath, ['--input-type=module', '--eval', script])
  expect(said).toEqual({ stdout: '', stderr: '' })
})

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

test('limitGarbage() leaves compiled code of use to others once it is ended', async () => {
  const url = new URL('./limit-garbage.ts', import.meta.url).href
  const script = `import { limitGarbage } from ${JSON.stringify(url)}
    import { Script } from 'node:vm'
    const cachedData = new Script('globalThis.given = 0').createCachedData()
    // V8 tells sources apart by their length; the same one again it would not even look up.
    const isRefused = (digit) =>
      new Script('globalThis.given = ' + digit, { cachedData }).cachedDataRejected
    const before = isRefused(1)
    const end = limitGarbage()
    const meanwhile = isRefused(2)
    end()
    process.stdout.write(JSON.stringify([before, meanwhile, isRefused(3)]))`
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
  expect(JSON.parse(stdout)).toEqual([false, true, false])
})

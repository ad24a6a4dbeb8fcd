import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { renderServerFile, serverFilePath } from '../../../sdk/src/server-file.ts'
import { createTestContext } from '../testing/create-test-context.ts'
import { runStop } from './run-background.ts'

/** A data folder whose server file names a port that takes connections and says nothing, and this process or another one. */
async function openSilent(pid: number) {
  const home = mkdtempSync(join(tmpdir(), 'letta-silent-'))
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  onTestFinished(() => {
    silent.close()
    rmSync(home, { recursive: true })
  })
  const url = `http://127.0.0.1:${port}`
  const file = { url, pid, instanceId: 'i', version: '0.1.0', token: null }
  writeFileSync(serverFilePath(home), renderServerFile(file))
  return createTestContext({ environment: { LETTA_HOME: home } })
}

/** Larger than any number of a process. */
const nobody = 2 ** 30

test('letta server stop does not take a server for absent that is too busy to answer', async () => {
  const { context, stderr } = await openSilent(process.pid)
  await expect(runStop(context, { answerWithinMs: 20 })).rejects.toThrow(
    /^Cannot tell whether a server runs on .*: process \d+ at http:\S+ has not answered for 0\.02 s\. /,
  )
  expect(stderr()).toBe('')
})

test('letta server stop says that none runs when its process is gone, whoever has its port', async () => {
  const { context, stderr } = await openSilent(nobody)
  await runStop(context, { answerWithinMs: 20 })
  expect(stderr()).toMatch(/^No server runs on /)
})

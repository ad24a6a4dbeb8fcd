import { spawnSync, type StdioOptions } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inherited } from '../../test/main-job/run-letta.ts'

const source = JSON.stringify(fileURLToPath(new URL('./standard-input.ts', import.meta.url)))
const script = `
  import { openStandardInput } from ${source}
  const parts = []
  const input = openStandardInput()
  for await (const part of input) parts.push(part)
  console.log(JSON.stringify([Buffer.concat(parts).toString(), input === process.stdin]))`

/** What a process reads from its standard input, and whether with Node's own stream. */
function readIn(stdin: number | 'ignore' | 'pipe', input?: string): unknown {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script],
    {
      encoding: 'utf8',
      env: inherited(),
      stdio: [stdin, 'pipe', 'pipe'] satisfies StdioOptions,
      ...(input !== undefined && { input }),
    },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('standard input is read to its end from the null device, a file and a pipe', () => {
  expect(readIn('ignore')).toEqual(['', false])
  const file = join(mkdtempSync(join(tmpdir(), 'letta-input-')), 'input.txt')
  const text = 'größe\n'.repeat(30_000)
  writeFileSync(file, text)
  const opened = openSync(file, 'r')
  expect(readIn(opened)).toEqual([text, false])
  closeSync(opened)
  expect(readIn('pipe', text)).toEqual([text, true])
})

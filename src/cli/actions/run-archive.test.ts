import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { createTestRun, type RunResult } from '../../../test/setup/create-test-run.ts'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A product, a folder of notes, and what runs commands in it. */
async function createProduct() {
  const test = await createTestRun()
  cleanUps.push(() => test.close())
  const folder = mkdtempSync(join(tmpdir(), 'letta-archive-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'notes', 'more'), { recursive: true })
  writeFileSync(join(folder, 'notes', 'a.md'), '# Herons\nThey stand in the reeds.\n')
  writeFileSync(join(folder, 'notes', 'more', 'b.txt'), 'Egrets fly south.')
  const run = (parameters: readonly string[], stdin = ''): Promise<RunResult> =>
    test.run(parameters, { folder, stdin: Readable.from([stdin]) })
  return { run, folder }
}

test('letta archive add brings a folder in once, finds it, and takes the whole addition out', async () => {
  const { run, folder } = await createProduct()
  const added = await run(['archive', 'add', 'notes', '--tag', 'birds', '--date', '2026-03-01'])
  expect(added).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^add-[0-9a-f]{16}\n$/),
  })
  expect(added.stderr).toContain('2 of 2 files, 2 of 2 pieces new')
  const again = await run(['archive', 'add', 'notes', '--tag', 'birds', '--json'])
  expect(JSON.parse(again.stdout)).toMatchObject({ files: 2, passages: 2, stored: 0, failed: [] })
  const list = await run(['archive', 'list'])
  expect(list.stdout).toMatch(
    /document-\S+ {2}2026-03-01 00:00 {2}1 piece {2}add-\S+ {2}birds {2}notes\/a\.md/,
  )
  const id = list.stdout.split(' ')[0] ?? ''
  expect((await run(['archive', 'show', id])).stdout).toBe('# Herons\nThey stand in the reeds.\n')
  writeFileSync(join(folder, 'notes', 'a.md'), 'Herons left.')
  await run(['archive', 'add', 'notes', '--replace'])
  const replaced = (await run(['archive', 'list', '--json'])).stdout
  expect(JSON.parse(replaced)).toHaveLength(2)
  expect(await run(['archive', 'show', id])).toMatchObject({ exitCode: 1 })
  expect(await run(['archive', 'remove', added.stdout.trim()])).toMatchObject({
    exitCode: 0,
    stderr: 'Took 2 pieces out.\n',
  })
  expect((await run(['archive', 'list'])).stderr).toContain('Nothing was brought in yet.')
  const back = await run(['archive', 'add', 'notes', '--json'])
  expect(JSON.parse(back.stdout)).toMatchObject({ stored: 2 })
})

test('letta archive add names what is no text, goes on with the rest, and fails in the end', async () => {
  const { run, folder } = await createProduct()
  writeFileSync(join(folder, 'notes', 'picture.png'), Buffer.from([137, 80, 78, 71, 0, 1]))
  writeFileSync(join(folder, 'notes', 'latin.txt'), Buffer.from([0x66, 0xfc, 0x72]))
  writeFileSync(join(folder, 'notes', 'empty.txt'), ' \n')
  const added = await run(['archive', 'add', 'notes', 'missing.txt'])
  expect(added.exitCode).toBe(1)
  for (const problem of [
    'Cannot add notes/picture.png: it is no text in UTF-8.',
    'Cannot add notes/latin.txt: it is no text in UTF-8.',
    'Cannot add notes/empty.txt: it is empty.',
    'Cannot read missing.txt:',
    'Cannot add 4 of 6 files.',
  ]) {
    expect(added.stderr).toContain(problem)
  }
  expect((await run(['archive', 'list'])).stdout.trim().split('\n')).toHaveLength(2)
  expect((await run(['archive', 'add', 'notes/a.md', '--date', 'soon'])).exitCode).toBe(2)
})

test('letta archive add names an addition only when there is one', async () => {
  const { run } = await createProduct()
  const missing = await run(['archive', 'add', 'nowhere.md'])
  expect(missing).toMatchObject({ exitCode: 1, stdout: '' })
  expect(missing.stderr).toContain('Cannot read nowhere.md')
  const none = await run(['archive', 'add', 'nowhere.md', '--json'])
  expect(JSON.parse(none.stdout)).toMatchObject({ addition_id: null, stored: 0 })
  const first = await run(['archive', 'add', 'notes'])
  // The same again goes on with the same addition; another one finds nothing left to bring in.
  expect((await run(['archive', 'add', 'notes'])).stdout).toBe(first.stdout)
  const other = await run(['archive', 'add', 'notes/a.md'])
  expect(other).toMatchObject({ exitCode: 0, stdout: '' })
  expect(other.stderr).toContain('Nothing is new: all of it was brought in before.\n')
})

test('letta archive add cuts a megabyte from standard input into pieces that search finds', async () => {
  const { run } = await createProduct()
  const filler = 'Nothing happened on that day at all. '.repeat(27_000)
  const text = `${filler}\n\nThe kingfisher nests at bend seven.\n\n${filler.slice(0, 200_000)}`
  const added = await run(['archive', 'add', '-', '--json'], text)
  const sum = JSON.parse(added.stdout) as { readonly passages: number; readonly stored: number }
  expect(sum.passages).toBeGreaterThan(700)
  expect(sum.stored).toBe(sum.passages)
  const found = await run(['search', 'kingfisher', 'nests'])
  expect(found.stdout).toContain('kingfisher nests at bend seven')
})

test('letta archive keep shows and sets how long texts are kept', async () => {
  const { run } = await createProduct()
  expect(await run(['archive', 'keep'])).toMatchObject({ exitCode: 1 })
  await run(['archive', 'add', 'notes'])
  expect((await run(['archive', 'keep'])).stdout).toBe('all texts  for ever\n')
  const kept = await run(['archive', 'keep', '90'])
  expect(kept.stderr).toMatch(/^A server forgets what is older than that for good/)
  expect((await run(['archive', 'keep', '7', '--tag', 'logs'])).stdout).toBe(
    'all texts  90 days\ntag logs  7 days\n',
  )
  const json = await run(['archive', 'keep', 'forever', '--json'])
  expect(JSON.parse(json.stdout)).toEqual({ days: null, tags: { logs: 7 } })
  for (const days of ['soon', '0.001', '-1', '99999']) {
    const refused = await run(['archive', 'keep', days])
    expect(refused.exitCode, days).toBe(2)
    expect(refused.stderr).toContain('give days, from 0.01 to 36500, or forever')
  }
})

test('letta archive add takes an empty path for a mistake, and not for this folder', async () => {
  const { run } = await createProduct()
  const added = await run(['archive', 'add', ''])
  expect(added.exitCode).toBe(1)
  expect(added.stderr).toContain('Cannot read "": the path is empty.')
  expect((await run(['archive', 'list'])).stdout).toBe('')
})

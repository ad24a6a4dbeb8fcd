import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { listen } from '../../server/listen.ts'
import { toInput } from '../../../test/setup/create-test-run.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A server, a file to import, and what runs commands. */
async function createProduct() {
  const product = await createTestApp({ script: [{ text: 'Nothing.' }] })
  cleanUps.push(async () => await product[Symbol.asyncDispose]())
  const server = await listen(product.app, { port: 0 })
  cleanUps.push(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'letta-import-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'chat.jsonl')
  async function run(...parameters: readonly string[]) {
    return await runWith('', ...parameters)
  }
  async function runWith(input: string, ...parameters: readonly string[]) {
    const environment = { LETTA_BASE_URL: server.url }
    const stdin = toInput(input)
    const { context, stdout, stderr } = createTestContext({ environment, folder, stdin })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return {
    run,
    runWith,
    folder,
    file,
    write: (...lines: readonly string[]) => writeFileSync(file, lines.join('\n')),
  }
}

const said = (content: string): string => JSON.stringify({ role: 'user', content })

test('letta import brings each message of a file in once, goes on where it stopped, and takes it back', async () => {
  const { run, file, write } = await createProduct()
  const lines = Array.from({ length: 501 }, (_, index) => said(`heron ${index}`))
  write(...lines.slice(0, 3), '', lines[0] ?? '')
  const begun = await run('import', file)
  expect(begun).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^conv-\S+\n$/) })
  expect(begun.stderr).toContain('4 of 4 messages\nStored 4; there before: 0')
  const id = begun.stdout.trim()
  write(...lines)
  const whole = await run('import', file, '--json')
  expect(JSON.parse(whole.stdout)).toEqual({
    import_id: id,
    stored: 498,
    known: 3,
    forgotten: 0,
    redacted: 0,
  })
  expect(whole.stderr).toContain('1 of 501 messages\n501 of 501 messages\n')
  expect((await run('search', 'heron', '500')).stdout).toContain('heron 500')
  expect((await run('import', '--list')).stdout).toContain(`${id}  502 messages`)
  expect(await run('import', '--undo', id)).toMatchObject({ exitCode: 0, stdout: '' })
  expect((await run('search', 'heron')).stderr).toMatch(/^Nothing found\.\n/)
  expect((await run('import', '--list')).stderr).toContain('Nothing was imported yet.')
  expect(await run('import', '--undo', id)).toMatchObject({ exitCode: 1 })
})

test('letta import reads standard input, and paths from the folder it is called in', async () => {
  const { run, runWith, write } = await createProduct()
  write(said('heron'))
  expect((await run('import', 'chat.jsonl')).stderr).toContain('Stored 1; there before: 0')
  const piped = await runWith(`${said('heron')}\n${said('Möwe')}`, 'import', '-')
  expect(piped.stderr).toContain('Stored 1; there before: 1')
  expect((await runWith('', 'import', '-')).stderr).toContain(
    'Cannot import -: it holds no message',
  )
})

test('letta import opens no database, whose locks would go when it is closed', async () => {
  const { run, folder } = await createProduct()
  for (const name of ['letta.db', 'letta.db-wal']) {
    // A text that could be read, so that the name alone decides.
    writeFileSync(join(folder, name), said('heron'))
    const refused = await run('import', name)
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no text in UTF-8'),
    })
  }
  expect((await run('import', '--list')).stdout).toBe('')
})

test('letta import says what was forgotten and stays away', async () => {
  const { run, file, write } = await createProduct()
  write(said('heron'), said('egret'))
  const { stdout } = await run('import', file)
  expect(await run('forget', stdout.trim(), '--yes')).toMatchObject({ exitCode: 0 })
  write(said('heron'), said('egret'), said('crane'))
  const again = await run('import', file)
  expect(again.stderr).toContain('Stored 1; there before: 0;')
  expect(again.stderr).toContain('2 had been forgotten and stay away;')
  expect((await run('import', '--list')).stdout).toContain(`${again.stdout.trim()}  1 message`)
})

test('letta import refuses a file that is no history and names the line, before anything is stored', async () => {
  const { run, file, write } = await createProduct()
  for (const [lines, sentence] of [
    [[said('fine'), '{"role":"user"}'], 'Cannot import line 2: it is no message.'],
    [[said('fine'), 'not JSON'], 'Cannot import line 2: it is no message.'],
    [
      [said('fine'), '{"role":"user","content":"x","created_at":"12/11/2024"}'],
      'Cannot import line 2: "created_at" cannot be read as a time. Write it like',
    ],
    [
      [said('fine'), '{"role":"user","content":"x","text":"y"}'],
      'Cannot import line 2: unrecognized key: "text".',
    ],
    [['{"role":"system","content":"x"}'], 'Cannot import line 1: "role" '],
    [[''], 'it holds no message'],
    [[`[${said('fine')},`], 'Cannot import line 1: it begins a list in JSON, which jq'],
  ] as const) {
    write(...lines)
    const { exitCode, stderr } = await run('import', file)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)])
  }
  const missing = await run('import', `${file}.not`)
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining('Cannot read')])
  expect((await run('import', '--list')).stdout).toBe('')
  expect(await run('import')).toMatchObject({ exitCode: 2 })
  expect(await run('import', file, '--list')).toMatchObject({ exitCode: 2 })
})

test('letta import reads times of other programs, and no file that is not in UTF-8', async () => {
  const { run, file, write } = await createProduct()
  write('{"role":"user","content":"capybara","created_at":1735061400.25,"name":null}')
  expect(await run('import', file)).toMatchObject({ exitCode: 0 })
  expect((await run('search', 'capybara')).stdout).toContain('2024-12-24 17:30  user: capybara')
  writeFileSync(file, Buffer.from(`${said('heron')}\n${said('Grüße')}`, 'latin1'))
  const refused = await run('import', file)
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('no text in UTF-8'),
  })
  writeFileSync(file, `\uFEFF${said('Grüße an die Möwe')}\r\n\r\n${said('x'.repeat(70_000))}\r\n`)
  expect((await run('import', file)).stderr).toContain('Stored 2;')
  expect((await run('search', 'Möwe')).stdout).toContain('Grüße an die Möwe')
})

test('letta import sends no more than a request can carry, and says which message is too long', async () => {
  const { run, file, write } = await createProduct()
  const long = (letter: string): string => said(letter.repeat(900_000))
  write(said('heron'), ...'abcdef'.split('').map(long))
  expect((await run('import', file)).stderr).toContain('Stored 7;')
  write(said('egret'), said('crane'), said('x'.repeat(4_500_000)))
  const refused = await run('import', file)
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('This was message 3 of 3; the 2 before are in'),
  })
})

import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { createTestRun, type RunResult } from '../../../test/setup/create-test-run.ts'
import type { ForgetReceipt } from '../../../sdk/src/index.ts'
import { createTestContext } from '../testing/create-test-context.ts'
import { printReceipt, renderPreview, renderReceipt } from './run-forget.ts'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A product with an agent that was told something, and what runs commands on it. */
async function createProduct() {
  const test = await createTestRun({ script: [{ text: 'I see.' }] })
  cleanUps.push(() => test.close())
  const { product } = test
  await product.ask(await product.createAgent({ name: 'Ada' }), 'The code is quillheron77.')
  const run = (
    parameters: readonly string[],
    given: { readonly stdin?: string; readonly terminal?: boolean } = {},
  ): Promise<RunResult> =>
    test.run(parameters, {
      ...(given.stdin !== undefined && { stdin: Readable.from([given.stdin]) }),
      terminal: { stdin: given.terminal ?? false },
    })
  return { run }
}

const byWords = ['forget', '--query', 'quillheron77', '--agent', 'Ada']

test('letta forget shows what would go, asks on a terminal, and prints a receipt', async () => {
  const { run } = await createProduct()
  const preview = await run([...byWords, '--preview'])
  expect(preview).toMatchObject({ exitCode: 0, stderr: '' })
  expect(preview.stdout).toMatch(
    /remove {2}message {2}message-\S+ {2}asked .* The code is quillheron77\./,
  )
  expect(preview.stdout).toContain('In all: 2 messages removed.')
  const unasked = await run(byWords)
  expect(unasked).toMatchObject({ exitCode: 2, stdout: '' })
  expect(unasked.stderr).toContain('--yes')
  const refused = await run(byWords, { stdin: 'n\n', terminal: true })
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toContain('Nothing was forgotten.')
  const done = await run(byWords, { stdin: 'y\n', terminal: true })
  expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^forget-\S+\n/) })
  expect(done.stdout).toContain('2 messages removed')
  const [id = ''] = done.stdout.split('\n')
  expect((await run(['forget', 'list'])).stdout).toContain(`${id}  `)
  expect((await run(['forget', 'show', id])).stdout).toContain('outside    what was sent to')
  const again = await run([...byWords, '--yes'])
  expect(again).toMatchObject({ exitCode: 1, stdout: '' })
})

test('letta forget speaks JSON and refuses what it cannot mean', async () => {
  const { run } = await createProduct()
  expect(await run(['forget', 'list'])).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: 'Nothing was forgotten yet.\n',
  })
  const preview = await run([...byWords, '--preview', '--json'])
  expect(JSON.parse(preview.stdout)).toMatchObject({ counts: { 'message remove': 2 } })
  const done = await run([...byWords, '--yes', '--json'])
  expect(JSON.parse(done.stdout)).toMatchObject({ state: 'done', origin: 'query' })
  for (const parameters of [
    ['forget'],
    ['forget', '--cut', 'm-1'],
    ['forget', '--query', ' ', '--yes'],
  ]) {
    expect((await run(parameters)).exitCode).toBe(2)
  }
  const unknown = await run(['forget', 'nothing', '--agent', 'Ada', '--yes'])
  expect(unknown).toMatchObject({ exitCode: 1 })
  expect(unknown.stderr).toContain('it is no id of a message')
})

const receipt: ForgetReceipt = {
  id: 'forget-1',
  agent_id: null,
  origin: 'query',
  state: 'done',
  counts: { 'message remove': 1 },
  residue: { rows_searched: 9, rows_found: 0, files_searched: 2, files_found: 0, elsewhere: null },
  cleaning: null,
  outside: [],
  requested_by_id: 'user-1',
  created_at: '2026-11-27T06:00:00+00:00',
  completed_at: '2026-11-27T06:00:00+00:00',
}

test.each([
  [{}, '0 of 9 rows still hold it; 0 of 2 files still hold the same words'],
  [{ files_searched: 0 }, '0 of 9 rows still hold it; no files were within reach'],
  [
    { rows_found: null, files_found: null },
    'the rows were not searched again; the files were cleaned without being searched',
  ],
])('a receipt says what was searched, and what was not: %j', (residue, line) => {
  const found = { ...receipt, residue: { ...required(receipt.residue), ...residue } }
  expect(renderReceipt(found)).toContain(`searched   ${line}`)
})

test('a receipt with remains is shown, and is no success', () => {
  const { context, stdout } = createTestContext()
  const residue = { ...required(receipt.residue), rows_found: 2 }
  const show = (): void => printReceipt(context, { ...receipt, residue }, false)
  expect(show).toThrow('Not everything is forgotten: 2 rows still hold it')
  expect(stdout()).toContain('2 of 9 rows still hold it')
})

function required<Value>(value: Value | null): Value {
  if (value === null) throw new Error('There is no residue')
  return value
}

test('what other agents hold is shown with a preview, and with a receipt', () => {
  const elsewhere = {
    agents: [
      { agent_id: 'agent-1', rows: 1 },
      { agent_id: null, rows: 2 },
    ],
    unsearched: 3,
  }
  const lines = [
    'elsewhere  agent-1 shares memory and holds the same words in 1 row',
    'elsewhere  an agent that this key may not see shares memory and holds the same words in 2 rows',
    'elsewhere  3 agents that share memory not searched',
  ]
  const preview = { token: '', counts: {}, items: [], elsewhere }
  expect(renderPreview(preview)).toEqual([
    'Nothing that is stored fits. Several words are looked for one after another.',
    ...lines,
    '`letta forget --shared` reaches them, too.',
  ])
  const cut = {
    kind: 'block',
    id: 'block-1',
    reason: 'derived',
    effect: 'cut',
    date: null,
  } as const
  const items = [
    { ...cut, snippet: 'Ben is 10.', becomes: 'Ben is' },
    { ...cut, snippet: 'Pin: 7', becomes: null },
  ]
  const shown = renderPreview({ ...preview, items }).join('\n')
  expect(shown).toMatch(/Ben is 10\. → Ben is\n.*Pin: 7 → \(nothing\)\n/)
  const residue = { ...required(receipt.residue), elsewhere }
  expect(renderReceipt({ ...receipt, residue })).toEqual(expect.arrayContaining(lines))
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createDoubleEmbedder } from '../../testing/double-embedder.ts'
import { createTestRun, type RunResult } from '../../../test/setup/create-test-run.ts'

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A product that was told of seven herons in March 2024, each answered, keeps two notes on them and knows one fact. */
async function createProduct(): Promise<(...words: readonly string[]) => Promise<RunResult>> {
  const product = await createTestRun()
  cleanUps.push(() => product.close())
  const run = (...words: readonly string[]): Promise<RunResult> => product.run(words)
  const days = ['01', '02', '03', '04', '05', '30', '31']
  const said = days.flatMap((day) => [
    { role: 'user', content: `Heron of day ${day}.`, created_at: `2024-03-${day}T23:59:30Z` },
    { role: 'assistant', content: `A heron, noted.`, created_at: `2024-03-${day}T23:59:40Z` },
  ])
  const chat = join(product.home, 'chat.jsonl')
  writeFileSync(chat, said.map((message) => JSON.stringify(message)).join('\n'))
  await run('import', chat)
  for (const [tag, day] of [
    ['reeds', '2024-03-31'],
    ['weir', '2024-04-01'],
  ] as const) {
    const note = join(product.home, `${tag}.md`)
    writeFileSync(note, `Heron in the ${tag}.`)
    await run('archive', 'add', note, '--tag', tag, '--tag', 'birds', '--date', day)
  }
  await run('facts', 'add', 'bird', 'heron', '--since', '2024-04-02')
  return run
}

function lines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1)
}

test('letta search pages through each kind to its end and says how many there are', async () => {
  const run = await createProduct()
  const all = await run('search', 'heron', '--limit', '100')
  expect([lines(all.stdout).length, all.stderr]).toEqual([17, ''])
  const pages = []
  const notes = []
  for (let skip = 0; skip < 15; skip += 5) {
    const page = await run('search', 'heron', '--limit', '5', '--skip', String(skip))
    pages.push(...lines(page.stdout))
    notes.push(page.stderr)
  }
  expect(pages.toSorted()).toEqual([...lines(all.stdout)].toSorted())
  expect(notes).toEqual([
    'messages: 5 of 14; archival memory: 2 of 2; facts: 1 of 1; next: --skip 5\n',
    '6 to 10 of 14; next: --skip 10\n',
    '11 to 14 of 14\n',
  ])
  const beyond = await run('search', 'heron', '--role', 'user', '--skip', '20')
  expect(beyond).toMatchObject({ exitCode: 0, stdout: '' })
  expect(beyond.stderr).toContain('  messages: There are only 7 results.\n')
})

test('letta search filters by dates that count whole', async () => {
  const run = await createProduct()
  const found = async (...filter: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await run('search', 'heron', '--limit', '100', ...filter, '--json')
    return (JSON.parse(stdout) as { kind: string; date: string }[]).map(
      ({ kind, date }) => `${kind} ${date.slice(0, 10)}`,
    )
  }
  const spoken = ['message 2024-03-31', 'message 2024-03-31']
  expect(await found('--from', '2024-03-31', '--to', '2024-03-31')).toEqual([
    ...spoken,
    'passage 2024-03-31',
  ])
  expect(await found('--from', '2024-04-01')).toEqual(['passage 2024-04-01', 'fact 2024-04-02'])
  expect(await found('--from', 'April 2024', '--to', '2024-04-01')).toEqual(['passage 2024-04-01'])
  expect(await found('--to', '2024-03-31T23:59:30', '--from', '2024-03-31T23:59')).toEqual([
    'message 2024-03-31',
  ])
  const none = await run('search', 'heron', '--to', '2023-12-31')
  expect(none).toMatchObject({ exitCode: 0, stdout: '' })
  expect(none.stderr).toContain(
    '  archival memory: The filter (until 2023-12-31T23:59:59.999Z) leaves no passage that contains any of: heron.\n',
  )
})

test('letta search shows times in the zone of the agent, which its filters are read in', async () => {
  const product = await createTestRun()
  cleanUps.push(() => product.close())
  const { id } = await product.product.createAgent({ name: 'Ada', timezone: 'Asia/Tokyo' })
  const run = (...words: readonly string[]): Promise<RunResult> =>
    product.run([...words, '--agent', id])
  const chat = join(product.home, 'chat.jsonl')
  const said = { role: 'user', content: 'A heron.', created_at: '2024-03-30T15:30:00Z' }
  writeFileSync(chat, JSON.stringify(said))
  await run('import', chat)
  await run('facts', 'add', 'bird', 'heron', '--since', '2024-03-31', '--until', '2024-04-30')
  const shown = '2024-03-31 00:30  user: A heron.\n'
  const known = '2024-03-31 00:00  fact: bird = heron (until 2024-04-30)\n'
  const day = ['--from', '2024-03-31', '--to', '2024-03-31']
  expect(await run('search', 'heron', ...day)).toMatchObject({ stdout: shown + known, stderr: '' })
  expect((await run('search', 'heron', ...day, '--explain')).stdout).toContain(`  ${shown}`)
})

test('letta search leaves out what has no role or no tags, and says so beside the results', async () => {
  const run = await createProduct()
  const said = await run('search', '--role', 'user', 'heron')
  expect(lines(said.stdout)).toHaveLength(7)
  expect(said.stdout).not.toContain('noted')
  expect(said.stderr).toBe(
    'Not searched: archival memory. Its texts have no role, so --role leaves them out.\n' +
      'Not searched: facts. They have no role, so --role leaves them out.\n',
  )
  const both = await run('search', '--role', 'user', '--role', 'assistant', 'heron', '--json')
  expect(JSON.parse(both.stdout)).toHaveLength(10)
  expect(both.stderr).toContain('10 of 14; next: --skip 10\n')
  const kept = async (...tags: readonly string[]): Promise<string> =>
    (await run('search', 'heron', ...tags)).stdout.replaceAll(/^.*passage: /gm, '')
  expect(await kept('--tag', 'weir')).toBe('Heron in the weir.\n')
  expect(lines(await kept('--tag', 'weir', '--tag', 'reeds'))).toHaveLength(2)
  expect(await kept('--tag', 'reeds', '--tag', 'birds', '--all-tags')).toBe('Heron in the reeds.\n')
  const none = await run('search', 'heron', '--tag', 'sea', '--json')
  expect(none).toEqual({
    exitCode: 0,
    stdout: '[]\n',
    stderr: [
      'Nothing found.',
      '  messages: They have no tags, so --tag leaves them out.',
      '  archival memory: The filter (tag sea) leaves no passage that contains any of: heron.',
      '  facts: They have no tags, so --tag leaves them out.\n',
    ].join('\n'),
  })
  const explained = await run('search', 'heron', '--tag', 'weir', '--explain', '--json')
  expect(JSON.parse(explained.stdout)).toMatchObject({
    messages: { results: [], total: 0, reason: expect.stringContaining('--tag') },
    archival_memory: { results: [{}], total: 1 },
  })
})

test.each([
  [['--role', 'king'], 2, /must be one of user, assistant, tool/],
  [['--skip', '-1'], 2, /whole number/],
  [['--role', 'user', '--tag', 'birds'], 2, /^Cannot search by --role and --tag at once: /],
  [['--from', 'soonish'], 1, /^Cannot read from "soonish": /],
  [['--to', '2024-02-30', '--role', 'user'], 1, /^Cannot read to "2024-02-30": /],
  [
    ['--from', '2024-04-01', '--to', '2024-03-31'],
    1,
    /^Cannot search: from "2024-04-01" is after to "2024-03-31"\. Exchange them\.\n$/,
  ],
])('letta search refuses %j in a sentence', async (filter, exitCode, message) => {
  const run = await createProduct()
  expect(await run('search', 'heron', ...filter)).toEqual({
    exitCode,
    stdout: '',
    stderr: expect.stringMatching(message),
  })
})

test('letta search says why it went on by words alone', async () => {
  const embedders = createDoubleEmbedder(() => [1, 0])
  embedders.fail('llm_unreachable')
  const product = await createTestRun({ embedders })
  cleanUps.push(() => product.close())
  const { id } = await product.product.createAgent({ embedding: embedders.handle })
  const note = join(product.home, 'note.md')
  writeFileSync(note, 'Heron in the reeds.')
  await product.run(['archive', 'add', note, '--agent', id])
  expect(await product.run(['search', 'heron', '--agent', id])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Heron in the reeds.'),
    stderr: 'By words alone: Cannot embed: llm_unreachable. Start it.\n',
  })
})

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestRun } from '../../../test/setup/create-test-run.ts'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function createProduct() {
  const test = await createTestRun()
  cleanUps.push(() => test.close())
  const { product } = test
  const folder = mkdtempSync(join(tmpdir(), 'letta-eval-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'questions.jsonl')
  const agent = await product.createAgent()
  const { archives } = product.app.services
  return {
    file,
    remember: async (text: string) => {
      const draft = { text, tags: [], metadata: {}, createdAt: null }
      const [passage] = await archives.addPassages(defaultScope, { agentId: agent.id }, [draft])
      return passage?.id ?? ''
    },
    forget: (id: string) => archives.deletePassage(defaultScope, { agentId: agent.id }, id),
    write: (...lines: readonly object[]) =>
      writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n')),
    run: (...parameters: readonly string[]) =>
      test.run(['eval', file, '--agent', agent.id, ...parameters]),
  }
}

test('letta eval keeps a run, and fails when a question has lost its source', async () => {
  const { file, remember, forget, write, run } = await createProduct()
  const [heron, crane] = [
    await remember('The heron nests by the weir.'),
    await remember('A crane.'),
  ]
  write(
    { question: 'Where does the heron nest?', source: heron },
    { question: 'Is there a crane?', source: [crane, 'passage-other'] },
    { question: 'What of the unicorn?', source: 'passage-none' },
  )
  const first = await run()
  expect(first).toMatchObject({ exitCode: 1 })
  expect(first.stderr).toContain('For 1 question no source was found')
  expect(existsSync(`${file}.last.json`)).toBe(false)
  const accepted = await run('--accept')
  expect(accepted).toMatchObject({ exitCode: 0, stderr: '' })
  expect(accepted.stdout).toBe(first.stdout)
  expect(first.stdout).toBe(
    [
      'Hit@1 2 of 3, Hit@5 2 of 3, Hit@10 2 of 3.',
      'found    #1  Where does the heron nest?',
      'found    #1  Is there a crane?',
      'missing  -   What of the unicorn?\n',
    ].join('\n'),
  )
  await forget(heron)
  const second = await run()
  expect(second).toMatchObject({ exitCode: 1 })
  expect(second.stdout).toContain('lost     -   Where does the heron nest?\n')
  expect(second.stderr).toMatch(/^Since \S+ 1 question lost its source\. Look/m)
  const again = await run('--json')
  expect(again.exitCode).toBe(1)
  expect(JSON.parse(again.stdout)).toMatchObject({
    hits: { 1: 1, 5: 1, 10: 1 },
    lost: ['Where does the heron nest?'],
    gained: [],
  })
  expect(await run('--accept')).toMatchObject({ exitCode: 0 })
  expect(await run()).toMatchObject({ exitCode: 0 })
  expect(existsSync(`${file}.last.json`)).toBe(true)
})

test('letta eval tells the same question apart that is asked for two sources', async () => {
  const { remember, forget, write, run } = await createProduct()
  const [heron, crane] = [await remember('A heron.'), await remember('The heron nests here.')]
  const question = 'Where is the heron?'
  write({ question, source: heron }, { question, source: crane })
  expect(await run()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('2 of 2') })
  await forget(heron)
  const second = await run()
  expect(second).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Hit@10 1 of 2') })
})

test('letta eval tests what starred answers rest on, and fails when that is lost', async () => {
  const search = { name: 'conversation_search', arguments: { query: 'heron' } }
  const test = await createTestRun({
    script: [{ text: 'Noted.' }, { toolCalls: [search] }, { text: 'The heron nests by the weir.' }],
  })
  cleanUps.push(() => test.close())
  const { run } = test
  const none = await run(['eval'])
  expect(none).toMatchObject({ exitCode: 1, stdout: '' })
  expect(none.stderr).toContain('Cannot evaluate: no answer is starred. letta star')
  expect((await run(['star', '--list'])).stderr).toContain('no answer is starred.')
  await run(['-p', 'The heron nests by the weir.'])
  const bare = await run(['star'])
  expect(bare).toMatchObject({ exitCode: 1 })
  expect(bare.stderr).toContain('nothing stored was looked up for it')
  await run(['-p', 'Where does the heron nest?', '--new'])
  const starred = await run(['star'])
  expect(starred.stdout).toMatch(
    /^Starred: "Where does the heron nest\?" rests on one stored text\. .*\[run-\S+\]\n$/,
  )
  expect((await run(['star', '--list'])).stdout).toMatch(/rests on message-\S+\n$/)
  const first = await run(['eval'])
  expect(first).toMatchObject({ exitCode: 0, stderr: '' })
  expect(first.stdout).toBe(
    'Hit@1 1 of 1, Hit@5 1 of 1, Hit@10 1 of 1.\nfound  #1  Where does the heron nest?\n',
  )
  const [star] = JSON.parse((await run(['star', '--list', '--json'])).stdout)
  const forgotten = await run(['forget', star.source_ids[0], '--yes'])
  expect(forgotten.exitCode).toBe(0)
  const second = await run(['eval'])
  expect(second).toMatchObject({ exitCode: 1 })
  expect(second.stdout).toContain('lost  -  Where does the heron nest?')
  expect((await run(['star', '--remove', star.run_id])).stdout).toContain('is taken away')
  expect((await run(['star', '--remove', star.run_id])).stderr).toContain('has none there')
})

test('letta eval refuses what is no list of questions, and a last run that is none', async () => {
  const { file, write, run } = await createProduct()
  expect((await run()).stderr).toContain('Cannot read')
  write({ question: 'x' })
  expect(await run()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('line 1') })
  writeFileSync(file, '\n')
  expect((await run()).stderr).toContain('it holds no question')
  write({ question: 'x', source: 'block-1' })
  expect((await run()).stderr).toContain('"block"')
  writeFileSync(`${file}.last.json`, '{}')
  expect((await run()).stderr).toContain('no run of letta eval')
})

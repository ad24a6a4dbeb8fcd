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
  expect(first).toMatchObject({ exitCode: 0, stderr: '' })
  expect(first.stdout).toBe(
    '2 of 3 questions have their source among the first 10, 2 in the first place.\nmissing What of the unicorn?\n',
  )
  await forget(heron)
  const second = await run()
  expect(second).toMatchObject({ exitCode: 1 })
  expect(second.stdout).toContain('lost    Where does the heron nest?\n')
  expect(second.stderr).toContain('1 questions lost their source')
  const again = await run('--json')
  expect(again.exitCode).toBe(1)
  expect(JSON.parse(again.stdout)).toMatchObject({
    found: 1,
    lost: ['Where does the heron nest?'],
    gained: [],
  })
  expect(await run('--accept')).toMatchObject({ exitCode: 0 })
  expect(await run()).toMatchObject({ exitCode: 0 })
  expect(existsSync(`${file}.last.json`)).toBe(true)
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

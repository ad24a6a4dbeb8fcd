import { afterEach, expect, test } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import type { ScriptedStep } from '../testing/scripted-model.ts'
import { createTestRun, type TestRun } from '../../test/setup/create-test-run.ts'

const products: TestRun[] = []

afterEach(async () => {
  for (const product of products.splice(0)) await product.close()
})

async function createRun(script: readonly ScriptedStep[]): Promise<TestRun['run']> {
  const product = await createTestRun({ script })
  products.push(product)
  return product.run
}

test('letta -p says what was remembered, and letta memory shows, explains and undoes it', async () => {
  const content = 'Base images = Alpine'
  const run = await createRun([
    { toolCalls: [{ name: 'core_memory_append', arguments: { label: 'human', content } }] },
    { text: 'Alpine it is.' },
    { toolCalls: [{ name: 'archival_memory_insert', arguments: { content: 'herons' } }] },
    { text: 'Kept.' },
  ])
  const told = await run(['-p', 'Use Alpine.'])
  expect(told.stdout).toBe('Alpine it is.\n')
  const [, id = ''] =
    /^remembered: Base images = Alpine {2}\[undo (m-\d+)\]$/m.exec(told.stderr) ?? []
  expect(id).not.toBe('')
  const json = JSON.parse(
    (await run(['-p', 'Keep it.', '--output-format', 'json'])).stdout,
  ) as unknown
  expect(json).toMatchObject({
    memory: { changes: [{ kind: 'remembered', text: 'herons' }], proposed: [] },
  })
  expect((await run(['memory', 'log'])).stdout).toMatch(
    /archive +agent +remembered: herons\n.*human +agent +remembered: Base images = Alpine\n/,
  )
  const last = await run(['memory', 'log', '--limit', '1'])
  expect(last.stdout).toMatch(/^m-\d+ .* remembered: herons\n$/)
  const [, place = ''] = /^There are older ones: --before (m-\d+)\.$/m.exec(last.stderr) ?? []
  const older = await run(['memory', 'log', '--limit', '600', '--before', place])
  expect(older.stdout).toMatch(/^m-\d+ .* remembered: Base images = Alpine\n/)
  expect(older.stderr).not.toContain('older')
  const none = await run(['memory', 'log', 'human', '--before', 'm-1'])
  expect(none.stderr).toContain('There is no such change.')
  expect((await run(['memory', 'diff', id])).stdout).toContain('+ Base images = Alpine')
  expect((await run(['memory', 'blame', 'human'])).stdout).toMatch(/Use Alpine\. +Base images/)
  expect((await run(['why'])).stdout).toMatch(/^Answer: Kept\./)
  const time = new Date(0).toISOString()
  expect((await run(['memory', 'show', '--at', time])).stderr).toContain('no such block')
  expect((await run(['memory', 'undo', id])).stdout).toContain('forgotten: Base images = Alpine')
  expect((await run(['memory', 'human'])).stdout).not.toContain('Alpine')
  expect((await run(['memory', 'undo', 'm-999'])).stderr).toContain('Cannot find the change m-999')
})

test('letta memory review makes edits wait, letta memory diff shows them whole, and they are applied', async () => {
  const given = { label: 'human', content: `Plays the cello.\n${'z'.repeat(300)} end` }
  const run = await createRun([
    { toolCalls: [{ name: 'core_memory_append', arguments: given }] },
    { text: 'Noted.' },
  ])
  await run(['memory'])
  expect((await run(['memory', 'review', 'on'])).stdout).toContain('wait for your review')
  const told = await run(['-p', 'I play the cello.'])
  const [, id = ''] =
    /^to review: .*Plays the cello\..* {2}\[review (m-\d+)\]$/m.exec(told.stderr) ?? []
  expect(id).not.toBe('')
  const listed = await run(['memory', 'review'])
  expect(listed.stdout).toContain(id)
  expect(listed.stderr).toContain('letta memory diff <id>')
  const diff = await run(['memory', 'diff', id])
  expect(diff.stdout).toMatch(
    /^m-\d+ .* waits for your review \(core_memory_append\)\nfrom message-/,
  )
  expect(diff.stdout).toMatch(/^edit block human\n(?: .*\n)*\+ Plays the cello\.\n\+ z{300} end$/m)
  const json = JSON.parse((await run(['memory', 'diff', id, '--json'])).stdout) as unknown
  expect(json).toMatchObject({ id, state: 'open', obstacle: null, changes: [{ label: 'human' }] })
  expect((await run(['memory', 'human'])).stdout).not.toContain('cello')
  expect((await run(['memory', 'review', 'apply', id])).stdout).toContain('Plays the cello.')
  expect((await run(['memory', 'human'])).stdout).toContain('cello')
  expect((await run(['memory', 'review', 'apply'])).stderr).toContain('none is named')
})

test('letta memory review lists what a tool told, and keeps or discards it', async () => {
  const test = await createTestRun()
  products.push(test)
  const { product, run } = test
  const { id: agentId } = await product.createAgent({ name: 'Ada' })
  const told = { attribute: 'city', value: 'Rome', origin: 'web', corrects: false } as const
  await product.app.services.facts.add(defaultScope, agentId, told)
  const review = (...given: string[]) => run(['memory', 'review', ...given, '--agent', 'Ada'])
  const listed = (await review()).stdout
  const [, id = ''] = /^(fact-\S+) .*from the web: city = Rome$/m.exec(listed) ?? []
  expect((await review('apply', id)).stdout).toContain('is trusted now')
  expect((await review('reject', id)).stderr).toContain('it counts already')
})

test('letta memory lint says what may be wrong, and tidies it so that each change can be undone, and stays so', async () => {
  const keep = (content: string): ScriptedStep => ({
    toolCalls: [{ name: 'archival_memory_insert', arguments: { content } }],
  })
  const run = await createRun([
    keep('The boat is Mia.'),
    keep('the boat is mia'),
    { text: 'Kept.' },
  ])
  await run(['-p', 'Keep it twice.'])
  const found = await run(['memory', 'lint'])
  expect(found.stdout).toMatch(/^duplicate +passage-\S+ +the boat is mia +It says the same as /m)
  expect(found.stderr).toContain('1 (')
  const preview = await run(['memory', 'consolidate', '--dry-run'])
  expect(preview.stdout).toBe('merged: the boat is mia is in The boat is Mia.\n')
  expect(preview.stderr).toBe('1 to tidy; nothing was changed. It is not tidied by itself.\n')
  const fixed = (await run(['memory', 'lint', '--fix'])).stdout
  const [, id = ''] = /^forgotten: the boat is mia {2}\[undo (m-\d+)\]$/m.exec(fixed) ?? []
  expect((await run(['memory', 'lint'])).stderr).toContain('nothing to mend')
  expect((await run(['memory', 'consolidate'])).stderr).toContain('There is nothing to tidy.')
  expect((await run(['memory', 'diff', id])).stdout).toContain('by system (merge passages)')
  expect((await run(['memory', 'undo', id])).exitCode).toBe(0)
  expect((await run(['memory', 'consolidate'])).stderr).toContain('0 changes. 1 left alone')
  const left = await run(['memory', 'consolidate', '--dry-run'])
  expect([left.stdout, left.stderr]).toEqual([
    '',
    'There is nothing to tidy. 1 left alone: taken back or rejected before, or waiting for your review. It is not tidied by itself.\n',
  ])
  expect((await run(['memory', 'lint'])).stdout).toContain('duplicate')
  const consolidate = async (...options: string[]) =>
    await run(['memory', 'consolidate', ...options])
  expect((await consolidate('--model', 'letta/auto')).stderr).toContain('no budget for it')
  expect((await consolidate('--budget', '100')).stderr).toContain('from 5000')
  expect((await consolidate('--budget', '9000')).stdout).toContain(
    'The model of the agent may take 9,000 tokens a day.',
  )
  expect((await consolidate('--without-model')).stderr).toContain('0 of 9,000 tokens of today')
  const policy = await run(['memory', 'consolidate', '--every', '20', '--idle', '30'])
  expect(policy.stdout).toContain('9,000 tokens a day')
  expect((await consolidate('--budget', '0')).stdout).not.toContain('tokens')
  expect(policy.stdout).toContain('after every 20 turns and after 30 minutes without a turn.')
  expect((await run(['memory', 'consolidate', '--off'])).stdout).toContain('not tidied by itself')
  expect((await run(['memory', 'consolidate', '--off', '--dry-run'])).stderr).toContain('exclude')
})

test('letta context says what fills the window, and what was sent', async () => {
  const run = await createRun([{ text: 'Hello.' }])
  expect((await run(['context', '--sent'])).stderr).toContain('no request to a model is known of')
  await run(['-p', 'Hi there.'])
  const shown = (await run(['context'])).stdout
  expect(shown).toMatch(/a window of \d+ tokens/)
  expect(shown).toMatch(/^ {2}3 messages +\d+ +\d+\.\d %$/m)
  const sent = (await run(['context', '--sent'])).stdout
  expect(sent).toMatch(/^Sent .*: \d+ tokens, \d+ bytes, 2 messages\.$/m)
  expect(sent).toContain('It was the first.')
  const json = JSON.parse((await run(['context', '--sent', '--json'])).stdout) as object
  expect(json).toMatchObject({ exact: true, recall: null, common_prefix: null })
})

import { afterEach, expect, test } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { createTestRun, type TestRun } from '../../test/setup/create-test-run.ts'

const runs: TestRun[] = []

afterEach(async () => {
  for (const run of runs.splice(0)) await run.close()
})

test('letta -p says what fact was remembered, and letta facts shows, explains, corrects and undoes it', async () => {
  const remember = { attribute: 'base images', value: 'Alpine' }
  const product = await createTestRun({
    script: [
      { toolCalls: [{ name: 'remember_fact', arguments: remember }] },
      { text: 'Alpine it is.' },
      { text: 'Your base image is Alpine.' },
    ],
  })
  runs.push(product)
  const { run } = product
  expect((await run(['facts'])).stderr).toContain('No fact is known that is true now.\n')
  const told = await run(['-p', 'Use Alpine as base image.'])
  const [, id = ''] =
    /^remembered: base images = Alpine {2}\[undo (m-\d+)\]$/m.exec(told.stderr) ?? []
  expect(id).not.toBe('')
  expect((await run(['why'])).stdout).toMatch(
    /\[fact\] base images = Alpine {2}\[m-\d+, .*\]\n +because on .* you said: Use Alpine as base image\./,
  )
  // What memory says alone of an answer has its source, too; what was said in the same turn is none.
  expect((await run(['star'])).stderr).toContain('memory quotes nobody')
  await run(['-p', 'Which one do I want?'])
  expect((await run(['why'])).stdout).toMatch(
    /^The conversation had it:\n .* user: Use Alpine as base image\. {2}\[message-/m,
  )
  expect((await run(['star'])).stdout).toContain('rests on one stored text.')
  expect((await run(['memory', 'log'])).stdout).toMatch(
    /base images +agent +remembered: base images = Alpine\n/,
  )
  expect((await run(['facts', 'show', 'base image'])).stdout).toMatch(
    /^base images = Alpine\n +since .*stated by agent \(remember_fact\).*\n +source message-/,
  )
  const added = await run(['facts', 'add', 'Base image', 'Debian', '--since', 'March 2020'])
  expect(added.stdout).toMatch(/^remembered: Base image = Debian {2}\[undo m-\d+\]\n$/)
  expect((await run(['facts'])).stdout).toMatch(/^base images = Alpine +since [\d-]+ +fact-\S+\n$/)
  expect((await run(['facts', 'list', '--as-of', '2021'])).stdout).toContain('Debian')
  expect((await run(['facts', 'history', 'base images'])).stdout).toMatch(
    /Debian +2020-03-01 to .* known .* to now .*\n.*Alpine +since/,
  )
  expect((await run(['search', 'alpine'])).stdout).toMatch(/fact: base images = Alpine\n/)
  expect((await run(['memory', 'undo', id])).stdout).toContain('forgotten: base images = Alpine')
  expect((await run(['facts'])).stdout).toContain('Debian')
  const bad = await run(['facts', 'add', 'city', 'Porto', '--since', 'soonish'])
  expect(bad.stderr).toContain('Cannot read since "soonish"')
  const timeline = await run(['timeline', 'images'])
  expect(timeline.stdout).toMatch(/2020-03-01 +fact +Base image = Debian\n.*user +Use Alpine/)
})

test('letta facts, instructions and timeline show days of the agent’s own zone, the last one of a span included', async () => {
  const product = await createTestRun()
  runs.push(product)
  const { run } = product
  await run(['memory'])
  const { agents } = product.product.app.services
  const [agent] = JSON.parse((await run(['agents', 'list', '--json'])).stdout) as { id: string }[]
  await agents.update(defaultScope, agent?.id ?? '', { timezone: 'Asia/Tokyo' })
  await run(['facts', 'add', 'lodge', 'open', '--since', '2026-03-05', '--until', '2026-03-31'])
  expect((await run(['facts', 'list', '--all'])).stdout).toMatch(/2026-03-05 to 2026-03-31 /)
  const timeline = await run(['timeline', '--from', '2026-03-05', '--to', '2026-03-05'])
  expect(timeline.stdout).toMatch(/^2026-03-05 +fact +lodge = open\n$/)
  expect((await run(['timeline', '--skip', '9'])).stderr).toBe('There is only 1 entry.\n')
  await run(['instructions', 'add', 'never deploy', '--until', '2126-12-31'])
  expect((await run(['instructions'])).stdout).toContain('until 2126-12-31')
})

test('letta instructions gives, lists and takes back', async () => {
  const product = await createTestRun()
  runs.push(product)
  const { run } = product
  await run(['memory'])
  expect((await run(['instructions'])).stderr).toContain('no standing instructions')
  const added = await run(['instructions', 'add', 'never', 'deploy', 'on', 'Fridays'])
  expect(added.stdout).toMatch(/^remembered: never deploy on Fridays {2}\[undo m-\d+\]\n$/)
  const listed = await run(['instructions'])
  expect(listed.stdout).toMatch(/^fact-\S+ +never deploy on Fridays\n$/)
  const id = listed.stdout.split(' ', 1)[0] ?? ''
  const opposite = await run(['instructions', 'add', 'Always deploy on Fridays'])
  const [, change = ''] =
    /^changed: never deploy on Fridays → Always deploy on Fridays {2}\[undo (m-\d+)\]\n$/.exec(
      opposite.stdout,
    ) ?? []
  await run(['memory', 'undo', change])
  expect((await run(['instructions'])).stdout).toBe(listed.stdout)
  expect((await run(['instructions', 'remove', id])).stdout).toContain('forgotten: never deploy')
  expect((await run(['instructions', 'remove', id])).stderr).toContain(`Cannot find the fact ${id}`)
})

test('letta facts pages through all of them, and says how many there are for some words', async () => {
  const product = await createTestRun()
  runs.push(product)
  const { run } = product
  for (const bird of ['heron', 'egret', 'stork', 'crane', 'ibis']) {
    await run(['facts', 'add', 'bird', bird, '--additional'])
  }
  await run(['facts', 'add', 'boat', 'Kea'])
  const list = async (...words: readonly string[]): Promise<readonly [number, string]> => {
    const { stdout, stderr } = await run(['facts', 'list', ...words])
    return [stdout.split('\n').length - 1, stderr]
  }
  expect(await list('bird', '--limit', '2')).toEqual([2, '2 of 5; next: --skip 2\n'])
  expect(await list('bird', '--limit', '2', '--skip', '4')).toEqual([1, '5 to 5 of 5\n'])
  expect(await list('--limit', '2')).toEqual([2, '2 and more; next: --skip 2\n'])
  expect(await list('--limit', '2', '--skip', '4')).toEqual([2, '5 to 6 of 6\n'])
  expect(await list('bird', '--skip', '9')).toEqual([0, 'There are only 5 results.\n'])
  expect(await list('bird')).toEqual([5, ''])
})

test('letta facts shows what waits for a person to trust it as held back', async () => {
  const product = await createTestRun()
  runs.push(product)
  const { run } = product
  await run(['memory'])
  const [agent] = JSON.parse((await run(['agents', 'list', '--json'])).stdout) as { id: string }[]
  const told = { attribute: 'ferry', value: 'noon', origin: 'web', corrects: false } as const
  await product.product.app.services.facts.add(defaultScope, agent?.id ?? '', told)
  expect((await run(['facts'])).stdout).toMatch(/^ferry = noon .* held back +fact-/)
  expect((await run(['facts', 'show', 'ferry'])).stdout).toContain('held back: letta memory review')
  expect((await run(['memory', 'log'])).stdout).toContain('remembered: ferry = noon (held back)\n')
})

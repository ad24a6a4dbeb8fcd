import { afterEach, expect, test, vi } from 'vitest'
import { createTestRun } from '../../../test/setup/create-test-run.ts'
import { localTimezone, toTimezone } from './local-timezone.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test.each([
  ['Asia/Tokyo', 'Asia/Tokyo'],
  ['Etc/Unknown', 'UTC'],
  [undefined, 'UTC'],
])('toTimezone() of %s is %s', (name, zone) => {
  expect(toTimezone(name)).toBe(zone)
})

test('agents of the command line have the time zone of its user', async () => {
  vi.stubEnv('TZ', 'Asia/Tokyo')
  expect(localTimezone()).toBe('Asia/Tokyo')
  const product = await createTestRun()
  await product.run(['memory'])
  await product.run(['agents', 'create', 'Ada'])
  const { stdout } = await product.run(['agents', 'list', '--json'])
  await product.close()
  const agents = JSON.parse(stdout) as { timezone: string }[]
  expect(agents.map(({ timezone }) => timezone)).toEqual(['Asia/Tokyo', 'Asia/Tokyo'])
})

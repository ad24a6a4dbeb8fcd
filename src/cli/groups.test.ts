import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestRun, type TestRun } from '../../test/setup/create-test-run.ts'
import { createProgram } from './program.ts'
import { createTestContext } from './testing/create-test-context.ts'

const groups = createProgram(createTestContext().context)
  .commands.filter(({ commands }) => commands.length > 0)
  .map((command) => command.name())

const opened: TestRun[] = []

beforeAll(async () => {
  opened.push(await createTestRun())
})

afterAll(async () => {
  for (const test of opened) await test.close()
})

test.each(groups)(
  'letta %s refuses a command that it does not have, and does nothing',
  async (group) => {
    for (const words of [
      ['nonsense', 'words'],
      ['--json', 'nonsense', 'words'],
    ]) {
      const { exitCode, stdout, stderr } = (await opened[0]?.run([group, ...words])) ?? {}
      expect({ words, exitCode, stdout }).toEqual({ words, exitCode: 2, stdout: '' })
      expect(stderr?.trim().split('\n').length).toBeLessThanOrEqual(2)
    }
  },
)

test('a group that lists by itself says how to look for words', async () => {
  const [run] = opened
  expect((await run?.run(['facts', 'set', 'base images', 'Alpine']))?.stderr).toBe(
    'Cannot run "letta facts set": there is no such command. To look for words: letta facts list set "base images" Alpine; letta facts --help lists the commands.\n',
  )
  expect((await run?.run(['instructions', 'set']))?.stderr).toBe(
    'Cannot run "letta instructions set": there is no such command. letta instructions alone runs "list"; letta instructions --help lists the commands.\n',
  )
  expect(await run?.run(['facts', 'list', 'set'])).toMatchObject({ exitCode: 0 })
  expect(await run?.run(['facts', '--all', '--limit', '3'])).toMatchObject({ exitCode: 0 })
})

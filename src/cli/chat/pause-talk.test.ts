import { expect, test } from 'vitest'
import { createTestRun, toInput } from '../../../test/setup/create-test-run.ts'

test('the chat pauses, keeps what is said meanwhile, also when it was left, and answers after /resume', async () => {
  const { run, product, close } = await createTestRun({
    script: [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }],
  })
  const terminal = { stdin: true, stdout: true }
  const first = await run([], { stdin: toInput('/pause\nFirst?\n/exit\n'), terminal })
  expect(first.stdout).toContain('Paused: what is said here is kept')
  expect(first.stdout).toContain('Kept: this conversation is paused')
  expect(product.model.requests).toHaveLength(0)
  const headless = await run(['-p', 'Meanwhile?'])
  expect(headless.exitCode).toBe(1)
  expect(headless.stderr).toContain('Your message is kept as run-')
  const second = await run([], { stdin: toInput('Second?\n/resume\n/resume\n'), terminal })
  expect(second.stdout).toMatch(
    /This conversation is paused[^]*Going on\.\nOne\.\nTwo\.\nThree\.\n/,
  )
  expect(second.stdout).toContain('Nothing was waiting.')
  expect(product.model.requests).toHaveLength(3)
  await close()
})

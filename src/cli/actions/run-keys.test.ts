import { afterEach, expect, test } from 'vitest'
import { createTestRun, type TestRun } from '../../../test/setup/create-test-run.ts'

const opened: TestRun[] = []

afterEach(async () => {
  for (const test of opened.splice(0)) await test.close()
})

async function createProduct(): Promise<TestRun> {
  const product = await createTestRun()
  opened.push(product)
  return product
}

test('letta keys creates a key that is printed once, lists and revokes it', async () => {
  const { run } = await createProduct()
  const created = await run(['keys', 'create', 'laptop', '--role', 'reader'])
  expect(created.stdout).toMatch(/^sk-letta-\S+\n$/)
  const listed = await run(['keys', 'list'])
  expect(listed.stdout).toMatch(/^key-\S+ {2}reader {2}sk-letta-\S+… {2}used - {2}laptop\n$/)
  expect(listed.stdout).not.toContain(created.stdout.trim())
  const id = listed.stdout.split(' ')[0] ?? ''
  expect((await run(['keys', 'revoke', id])).exitCode).toBe(0)
  expect((await run(['keys', 'list'])).stdout).toContain('revoked')
})

test('letta keys revoke takes the name of one key, and of no more', async () => {
  const { run } = await createProduct()
  for (const name of ['laptop', 'phone', 'phone']) await run(['keys', 'create', name])
  expect((await run(['keys', 'revoke', 'laptop'])).stderr).toMatch(/^Revoked key-/)
  for (const [name, state] of [
    ['laptop', 'none has this id or name'],
    ['phone', 'several have this name (key-'],
  ] as const) {
    const { exitCode, stderr } = await run(['keys', 'revoke', name])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(state)])
  }
})

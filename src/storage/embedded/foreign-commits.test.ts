import { expect, test } from 'vitest'
import { foreignCommits, foreignCommitsBesideOwn } from './foreign-commits.ts'

test('foreignCommits() tells of a number that has changed since it was marked or asked about', async () => {
  let version = 4
  const commits = foreignCommits(() => version)
  version += 1
  commits.mark()
  expect(commits.haveCome()).toBe(false)
  version += 1
  expect([commits.haveCome(), commits.haveCome()]).toEqual([true, false])
})

test('foreignCommits() tells of some when the database cannot be read', () => {
  const commits = foreignCommits(() => {
    throw new Error('The disk is gone.')
  })
  commits.mark()
  expect(commits.haveCome()).toBe(true)
})

test('foreignCommitsBesideOwn() leaves own commits out, and asks the writer only when there were any', async () => {
  const version = { ofAll: 1, ofOthers: 1, asked: 0 }
  const commits = foreignCommitsBesideOwn(
    foreignCommits(() => version.ofAll),
    async () => {
      version.asked += 1
      return version.ofOthers
    },
  )
  commits.mark()
  expect(await commits.haveCome()).toBe(false)
  expect(version.asked).toBe(0)
  version.ofAll += 1
  await commits.haveCome()
  version.ofAll += 1
  expect(await commits.haveCome()).toBe(false)
  version.ofAll += 1
  version.ofOthers += 1
  expect(await commits.haveCome()).toBe(true)
  expect(version.asked).toBe(3)
})

test('foreignCommitsBesideOwn() tells of some when the writer does not answer', async () => {
  let ofAll = 1
  const all = foreignCommits(() => (ofAll += 1))
  const commits = foreignCommitsBesideOwn(all, () => Promise.reject(new Error('It has ended.')))
  expect([await commits.haveCome(), await commits.haveCome()]).toEqual([true, true])
})

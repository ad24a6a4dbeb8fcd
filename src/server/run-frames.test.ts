import { describe, expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import type { WireFrame } from '../wire/run-frames.ts'
import { showRun } from './run-frames.ts'

describe('showRun()', () => {
  it.each([
    [new AppError('storage_full', 'Cannot use the database: the disk is full.'), /disk is full/],
    [new Error('a secret of the inside'), /^The run goes on/],
  ])('ends with a reason when the run cannot be followed: %s', async (error, detail) => {
    await using test = await createTestApp({ script: [{ text: 'Hi.' }] })
    const { run } = await test.say(await test.createAgent(), 'Hello')
    const frames = await failToFollow(test, { runId: run.id, error })
    expect(frames.map(({ name }) => name)).toEqual([null, 'error'])
    expect(frames[1]?.data['detail']).toMatch(detail)
    expect(frames[1]?.data['detail']).toContain('The run goes on')
  })

  it('says that the run was deleted when it was', async () => {
    await using test = await createTestApp()
    const error = new AppError('lease_lost', 'Cannot write: another process runs it by now.')
    const frames = await failToFollow(test, { runId: 'run-1', error })
    expect(frames[1]?.data['detail']).toMatch(/^The run was deleted with its conversation/)
  })
})

/** The frames of a run that cannot be followed. */
async function failToFollow(
  { app }: TestApp,
  { runId, error }: { readonly runId: string; readonly error: Error },
): Promise<readonly WireFrame[]> {
  const runtime = {
    ...app.runtime,
    follow: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
  }
  const shown = showRun({ ...app, runtime }, defaultScope, {
    runId,
    signal: new AbortController().signal,
    mode: 'steps',
    messageTypes: null,
    startingAfter: 0,
  })
  return await Array.fromAsync(shown)
}

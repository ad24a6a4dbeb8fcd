import { describe, expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { showRun } from './run-frames.ts'

describe('showRun()', () => {
  it.each([
    [new AppError('storage_full', 'Cannot use the database: the disk is full.'), /disk is full/],
    [new Error('a secret of the inside'), /^The run goes on/],
  ])('ends with a reason when the run cannot be followed: %s', async (error, detail) => {
    await using test = await createTestApp()
    const { app } = test
    const runtime = {
      ...app.runtime,
      follow: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    }
    const frames = []
    const shown = showRun({ ...app, runtime }, defaultScope, {
      runId: 'run-1',
      signal: new AbortController().signal,
      mode: 'steps',
      messageTypes: null,
      startingAfter: 0,
    })
    for await (const frame of shown) frames.push(frame)
    expect(frames.map(({ name }) => name)).toEqual([null, 'error'])
    expect(frames[1]?.data['detail']).toMatch(detail)
    expect(frames[1]?.data['detail']).toContain('The run goes on')
  })
})

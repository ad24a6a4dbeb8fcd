import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newScope } from '../conformance/new-scope.ts'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { EmbeddedEngine, type OperationCall } from './engine.ts'

const scope = newScope()

function learn(model: string): OperationCall {
  const factor = { model, perThousand: 1100, updatedAt: 1 }
  return { name: 'putTokenFactor', scope, input: { factor } }
}

/** Refused, as nobody holds a lease. */
const renewal: OperationCall = {
  name: 'renewLease',
  scope,
  input: { lease: { conversationId: 'conversation-1', owner: 'process-1', fence: 1 }, until: 2 },
}

describe('commitTogether()', () => {
  let folder: TemporaryFolder
  let engine: EmbeddedEngine
  let failsNext = false
  const statements: string[] = []

  beforeEach(async () => {
    folder = await createTemporaryFolder()
    engine = new EmbeddedEngine({
      file: join(folder.path, 'letta.db'),
      backupFolder: null,
      now: 1,
      onStatement: (sql) => statements.push(sql),
      beforeCommit: () => {
        if (failsNext) throw new Error('The disk is gone.')
      },
    })
    failsNext = false
    statements.length = 0
  })

  afterEach(async () => {
    engine.close()
    await folder.remove()
  })

  const known = (model: string): unknown =>
    engine.read({ name: 'getTokenFactor', scope, input: { model } })

  it('commits what succeeds without savepoints', () => {
    engine.tryBegin()
    const outcomes = engine.commitTogether([learn('one'), learn('two')])
    expect(outcomes?.map(({ ok }) => ok)).toEqual([true, true])
    expect(statements.filter((sql) => sql.startsWith('SAVEPOINT'))).toEqual([])
    expect([known('one'), known('two')]).not.toContain(null)
  })

  it('does nothing when one fails, and leaves the lock free for all of them on their own', () => {
    engine.tryBegin()
    const calls = [learn('one'), renewal, learn('two')]
    expect(engine.commitTogether(calls)).toBeNull()
    expect([known('one'), known('two')]).toEqual([null, null])
    expect(engine.tryBegin()).toBe(true)
    expect(engine.commit(calls).map(({ ok }) => ok)).toEqual([true, false, true])
    expect([known('one'), known('two')]).not.toContain(null)
  })

  it('fails all of them when the commit itself fails', () => {
    engine.tryBegin()
    failsNext = true
    const outcomes = engine.commitTogether([learn('one'), learn('two')])
    expect(outcomes?.map(({ ok }) => ok)).toEqual([false, false])
    expect(known('one')).toBeNull()
  })
})

import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger, logFile } from './logger.ts'

function createRecorder() {
  const lines: string[] = []
  return { lines, stream: { write: (line: string) => void lines.push(line) } }
}

test('createLogger() replaces secrets at the top and inside objects', () => {
  const { lines, stream } = createRecorder()
  const logger = createLogger({ level: 'info', to: stream })
  logger.info(
    { apiKey: 'sk-1', request: { headers: { authorization: 'Bearer sk-2', 'x-api-key': 'sk-3' } } },
    'sent',
  )
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(/sk-\d/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ apiKey: '[secret]', msg: 'sent' })
})

test('createLogger() writes nothing below its level', () => {
  const { lines, stream } = createRecorder()
  createLogger({ level: 'warn', to: stream }).info({}, 'quiet')
  expect(lines).toEqual([])
})

test('createLogger() writes a file of the data folder that only its owner may read', () => {
  const home = mkdtempSync(join(tmpdir(), 'letta-log-'))
  createLogger({ level: 'info', to: { home } }).info({ step: 1 }, 'done')
  const path = join(home, logFile)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ step: 1, msg: 'done' })
  const mode = process.platform === 'win32' ? 0o600 : statSync(path).mode & 0o777
  expect(mode).toBe(0o600)
})

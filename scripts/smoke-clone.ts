// Proves that `npm start` works on a fresh clone of what is committed, under whatever Node is there.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { npmCommand } from './bootstrap/install.mjs'
import { closingLine, runChecks, type Check } from './checks/run-checks.ts'
import { run, runWell, type Result } from './checks/run-command.ts'

const root = join(import.meta.dirname, '..')
const work = await mkdtemp(join(tmpdir(), 'letta-ts-clone-'))
const clone = join(work, 'clone')
const environment = { ...environmentOfUser(), LETTA_HOME: join(work, 'home') }

const checks: readonly Check[] = [
  { name: 'git clones what is committed', run: makeClone },
  {
    name: 'the first npm start installs, answers, and ends with how to call letta',
    run: firstStart,
  },
  {
    name: 'the second, in a new process, remembers and says no more than it has to',
    run: secondStart,
  },
  { name: 'the exit code of the program is that of npm start', run: exitCode },
]

try {
  const counts = await runChecks(checks, (line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`${closingLine(counts)}\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 })
}

/** The environment as it was before npm put our own Node first and added its variables. */
function environmentOfUser(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|NODE$)/.test(name) && !/_(API_KEY|BASE_URL)$/.test(name),
  )
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const folders = path.filter((folder) => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: folders.join(delimiter) }
}

async function makeClone(): Promise<void> {
  await runWell({
    file: 'git',
    parameters: ['clone', '-q', root, clone],
    folder: work,
    environment,
  })
}

function npmStart(...parameters: string[]): Promise<Result> {
  const { file, first, shell } = npmCommand({})
  const all = [...first, 'start', '--', ...parameters]
  return run({ file, parameters: all, folder: clone, environment, shell })
}

async function firstStart(): Promise<void> {
  const statement = 'The gate code of the north depot is 4711.'
  const { code, stdout, stderr } = await npmStart('-p', statement, '--output-format', 'json')
  assert.equal(code, 0, stderr)
  assert.doesNotThrow(() => JSON.parse(stdout), `stdout is not one JSON value: ${stdout}`)
  assert.match(stderr, /installing production dependencies/)
  assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', /To call it as `letta`/)
}

async function secondStart(): Promise<void> {
  const { code, stdout, stderr } = await npmStart('-p', 'What is the gate code of the north depot?')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /4711/)
  assert.doesNotMatch(stdout, /letta-ts@/)
  assert.doesNotMatch(stderr, /installing|To call it as/)
}

async function exitCode(): Promise<void> {
  const { code, stdout } = await npmStart('--no-such-flag')
  assert.notEqual(code, 0)
  assert.equal(stdout, '')
}

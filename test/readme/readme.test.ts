import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createTemporaryHome,
  inherited,
  type LettaResult,
  runLetta,
} from '../main-job/run-letta.ts'
import { runHere } from '../main-job/run-here.ts'
import { sharedProgram } from '../main-job/shared-program.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

/** The code of the first block after a marker comment. */
function codeAfter(marker: string): string {
  const found = new RegExp(`<!-- ${marker} -->\\s*\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)
  if (found?.[1] === undefined) throw new Error(`The README has no code after ${marker}`)
  return found[1]
}

/** The commands of the table, in order. */
function tableCommands(): readonly string[] {
  return [...readme.matchAll(/^\| `(letta[^`]*)` \|/gm)].map((found) => found[1] ?? '')
}

/** A project that has the product installed, as npm would leave it. */
function installInto(folder: string): void {
  const target = join(folder, 'node_modules', 'letta-ts')
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'package.json'), readFileSync(join(root, 'package.json')))
  cpSync(dirname(program.main), join(target, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
}

/** How each command of the table is run, and what it must leave behind. */
const checks: Readonly<Record<string, (result: LettaResult) => void>> = {
  'letta -p "…"': ({ code, stdout }) => expect([code, stdout.trim() !== '']).toEqual([0, true]),
  'letta /model gpt-4o': ({ code, stdout }) =>
    expect([code, stdout]).toEqual([0, expect.stringContaining('openai/gpt-4o')]),
  'letta retry': ({ code, stderr }) =>
    expect([code, stderr]).toEqual([1, expect.stringContaining('Cannot')]),
  'letta runs list': ({ code, stdout }) =>
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^run-\S+ +completed /)]),
  'letta memory': ({ code, stdout }) =>
    expect([code, stdout]).toEqual([0, expect.stringContaining('[human]')]),
  'letta agents list': ({ code, stdout }) =>
    expect([code, stdout]).toEqual([0, expect.stringContaining('agent-')]),
  'letta keys create': ({ code, stdout }) =>
    expect([code, stdout]).toEqual([0, expect.stringContaining('sk-letta-')]),
  'letta doctor': ({ stdout }) => expect(stdout).toContain('data folder'),
}

/** Commands of the table that do not end by themselves have tests of their own below. */
const interactive = ['letta', 'letta server']

describe('README.md', () => {
  it('shows a working program before line 20', () => {
    expect(readme.split('\n').findIndex((line) => line.startsWith('npm start'))).toBeLessThan(20)
  })

  it('shows code for the SDK that runs as it stands', async () => {
    using home = createTemporaryHome()
    const folder = join(home.path, 'project')
    installInto(folder)
    writeFileSync(join(folder, 'example.ts'), codeAfter('readme-test: sdk'))
    const { stdout } = await promisify(execFile)(process.execPath, ['example.ts'], {
      cwd: folder,
      env: { ...inherited(), LETTA_HOME: join(home.path, 'data') },
      timeout: 15_000,
    })
    expect(stdout).toContain('Your message is kept')
  }, 20_000)

  it('leads to a page of the SDK whose example runs as it stands', async () => {
    using home = createTemporaryHome()
    const folder = join(home.path, 'project')
    installInto(folder)
    const example = readFileSync(join(root, 'examples', 'long-task.mjs'), 'utf8')
    const page = readFileSync(join(root, 'docs', 'sdk.md'), 'utf8')
    expect(page).toContain(`\`\`\`js\n${example}\`\`\``)
    writeFileSync(join(folder, 'example.mjs'), example)
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], {
      cwd: folder,
      env: { ...inherited(), LETTA_HOME: join(home.path, 'data') },
      timeout: 15_000,
    })
    expect(stdout).toMatch(/Your message is kept[\s\S]*\n\d{4}-\d\d-\d\dT0[78]:00:00\.000Z\n/)
  }, 20_000)

  it('lists only commands that are tried here', () => {
    const tried = [...Object.keys(checks), ...interactive]
    expect(tableCommands().toSorted()).toEqual(tried.toSorted())
  })

  it('lists commands that do what it says', async () => {
    using home = createTemporaryHome()
    const at = {
      home: home.path,
      main: program.main,
      environment: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'sk-test' },
    }
    const offline = { home: home.path, main: program.main }
    const tried: string[] = []
    for (const command of tableCommands()) {
      const check = checks[command]
      if (check === undefined) continue
      tried.push(command)
      const words = command.slice('letta '.length).replace('"…"', 'Hello.').split(' ')
      const run = words[0] === '-p' ? runLetta : runHere
      check(await run(command.includes('/model') ? at : offline, ...words))
    }
    expect(tried).toEqual(Object.keys(checks))
  }, 90_000)

  it('lists a server that says where it listens', async () => {
    using home = createTemporaryHome()
    const server = spawn(process.execPath, [program.main, 'server', '--port', '0'], {
      env: { ...inherited(), LETTA_HOME: home.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [line] = (await Promise.race([
      once(server.stdout, 'data'),
      once(server.stderr, 'data'),
    ])) as [Buffer]
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    const [code] = (await exited) as [number | null]
    expect([String(line), code]).toEqual([expect.stringContaining('http://'), 0])
  }, 15_000)

  it('lists a chat that says what to do without a terminal', async () => {
    using home = createTemporaryHome()
    const result = await runLetta({ home: home.path, main: program.main })
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('-p')])
  })
})

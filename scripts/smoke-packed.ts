// Proves that what `npm pack` makes works when somebody installs it into an empty folder.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { npmCommand } from './bootstrap/install.mjs'
import { closingLine, runChecks, type Check } from './checks/run-checks.ts'
import { run, runWell, type Command, type Result } from './checks/run-command.ts'
import { tryServer } from './checks/try-server.ts'

const root = join(import.meta.dirname, '..')
const work = await mkdtemp(join(tmpdir(), 'letta-ts-smoke-'))
const project = join(work, 'project')
const isWindows = process.platform === 'win32'

/** Nothing of npm, of this machine's settings or of its keys; the project's own Node comes first. */
const environment = {
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  SystemRoot: process.env['SystemRoot'],
  HOME: work,
  USERPROFILE: work,
  TMPDIR: tmpdir(),
  TEMP: tmpdir(),
  LETTA_HOME: join(work, 'home'),
}

const checks: readonly Check[] = [
  { name: 'npm pack builds the product and the SDK', run: pack },
  { name: 'npm installs both into an empty folder', run: install },
  { name: 'the package holds no source, no tests and no Node', run: looksRight },
  { name: 'letta --version prints the version alone', run: printsVersion },
  { name: 'letta-ts is the same program', run: secondName },
  { name: 'letta -p answers from memory in a new process', run: remembers },
  { name: 'letta doctor finds nothing wrong', run: examines },
  { name: 'letta server answers with its storage threads, and stops when told', run: serves },
  { name: 'letta-ts, letta-ts/sdk and letta-ts-sdk can be imported', run: imports },
  { name: 'the declarations satisfy a strict compiler', run: compiles },
  { name: 'an old Node is told what to do', run: refusesOldNode },
]

try {
  const counts = await runChecks(checks, (line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`${closingLine(counts)}\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 })
}

function npm(parameters: readonly string[], folder: string): Promise<Result> {
  const { file, first, shell } = npmCommand(process.env)
  const all = [...first, ...parameters, '--loglevel=error']
  return runWell({ file, parameters: all, folder, environment: process.env, shell })
}

async function pack(): Promise<void> {
  await npm(['pack', '--pack-destination', work], root)
  await npm(['pack', '--workspace', 'sdk', '--pack-destination', work], root)
  assert.equal((await tarballs()).length, 2)
}

async function tarballs(): Promise<string[]> {
  return (await readdir(work)).filter((name) => name.endsWith('.tgz'))
}

async function install(): Promise<void> {
  const files = (await tarballs()).map((name) => join(work, name))
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...files], project)
}

async function looksRight(): Promise<void> {
  const installed = join(project, 'node_modules')
  const names = await readdir(join(installed, 'letta-ts'))
  for (const name of ['src', 'test', 'scripts', 'runtime', 'node_modules']) {
    assert(!names.includes(name), `the package holds ${name}/`)
  }
  for (const name of ['LICENSE', 'README.md', 'bin', 'dist']) {
    assert(names.includes(name), `the package lacks ${name}`)
  }
  const runtimes = (await readdir(installed)).filter((name) =>
    /^node-(bin-)?(linux|darwin|win)/.test(name),
  )
  assert.deepEqual(runtimes, [])
}

/** The installed command, called as a shell would. */
function letta(...parameters: string[]): Command {
  const file = join(project, 'node_modules', '.bin', isWindows ? 'letta.cmd' : 'letta')
  return { file, parameters, folder: project, environment, shell: isWindows }
}

async function printsVersion(): Promise<void> {
  const { stdout, stderr } = await runWell(letta('--version'))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.equal(stdout.trim(), version)
  assert.equal(stderr, '')
}

async function secondName(): Promise<void> {
  const first = letta('--version')
  const file = first.file.replace(/letta(\.cmd)?$/, 'letta-ts$1')
  assert.equal((await runWell({ ...first, file })).stdout, (await runWell(first)).stdout)
}

async function remembers(): Promise<void> {
  const first = await runWell(letta('-p', 'The gate code of the north depot is 4711.'))
  assert.notEqual(first.stdout.trim(), '')
  const second = await runWell(letta('-p', 'What is the gate code of the north depot?'))
  assert.match(second.stdout, /4711/)
  assert(existsSync(environment.LETTA_HOME), 'LETTA_HOME was not used')
}

async function examines(): Promise<void> {
  const { stdout } = await runWell(letta('doctor'))
  assert.doesNotMatch(stdout, /warning|FAILED/)
}

async function serves(): Promise<void> {
  const home = join(work, 'server-home')
  const command = letta('server', '--port', '0')
  await tryServer({ ...command, environment: { ...environment, LETTA_HOME: home } })
}

async function imports(): Promise<void> {
  const script = [
    "await import('letta-ts')",
    'const sdk = await import(process.argv[2])',
    "if (typeof sdk.createClient !== 'function') throw new Error('createClient is missing')",
    'const client = sdk.createClient()',
    "const agent = await client.createAgent({ name: 'Packed', memoryType: 'base_memory' })",
    "const response = await client.userMessage({ agentId: agent.id, message: 'Hello' })",
    'process.stdout.write(response[0].text)',
  ].join('\n')
  await writeFile(join(project, 'use.js'), script)
  for (const name of ['letta-ts/sdk', 'letta-ts-sdk']) {
    const parameters = ['use.js', name]
    const command = { file: process.execPath, parameters, folder: project, environment }
    assert.notEqual((await runWell(command)).stdout.trim(), '', `${name} got no answer`)
  }
}

async function compiles(): Promise<void> {
  const program = [
    "import { createClient } from 'letta-ts/sdk'",
    "import 'letta-ts'",
    '// @ts-expect-error -- unused, and so an error, when the declarations were not found',
    'export const wrong: number = createClient()',
    '',
  ].join('\n')
  await writeFile(join(project, 'use.ts'), program)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--skipLibCheck', ...types]
  const parameters = [compiler, ...options, 'use.ts']
  await runWell({ file: process.execPath, parameters, folder: project, environment })
}

async function refusesOldNode(): Promise<string | undefined> {
  const path = (process.env['PATH'] ?? '').split(delimiter)
  for (const folder of path.filter((name) => !name.includes('node_modules'))) {
    const file = join(folder, isWindows ? 'node.exe' : 'node')
    if (!existsSync(file)) continue
    const { stdout } = await run({ file, parameters: ['--version'], folder: project, environment })
    if (Number(/^v(\d+)/.exec(stdout)?.[1]) >= 24) continue
    const program = join(project, 'node_modules', 'letta-ts', 'bin', 'letta.cjs')
    const result = await run({
      file,
      parameters: [program, '-p', 'x'],
      folder: project,
      environment,
    })
    assert.notEqual(result.code, 0)
    assert.equal(result.stdout, '')
    assert.match(result.stderr, /Node 24\.12 or newer/)
    return undefined
  }
  return 'this machine has no Node older than 24'
}

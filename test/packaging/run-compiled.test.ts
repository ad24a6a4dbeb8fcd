import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'run-compiled.cjs')

/** A program that prints a word, and what was kept of it. */
function createProgram() {
  const folder = mkdtempSync(join(tmpdir(), 'letta-compiled-'))
  const file = join(folder, 'main.cjs')
  const cache = join(folder, 'cache')
  const listKept = (): string[] =>
    readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => /letta-/.test(name))
  const start = async (environment: NodeJS.ProcessEnv = {}) => {
    const call = `require(${JSON.stringify(launcher)}).runCompiled(${JSON.stringify(file)}, 'test')`
    const env = { ...process.env, NODE_COMPILE_CACHE: cache, ...environment }
    return await promisify(execFile)(process.execPath, ['-e', call], { env })
  }
  return {
    start,
    write: (build: string, body: string) =>
      writeFileSync(
        file,
        `// ${build}\n(function (exports, require, module, __filename, __dirname) {${body}\n})`,
      ),
    cache,
    run: async (environment?: NodeJS.ProcessEnv): Promise<string> =>
      (await start(environment)).stdout,
    listKept,
    keptFile: () => join(cache, listKept()[0] ?? ''),
  }
}

const say = (word: string): string => `function say() { process.stdout.write('${word}') }\nsay()`

test('runCompiled() runs what it kept of the same build, and compiles another one', async () => {
  const program = createProgram()
  program.write('build 1', say('one'))
  expect(await program.run()).toBe('one')
  expect(program.listKept()).toHaveLength(1)
  // No build does this: that the word of before is printed shows whose code ran.
  program.write('build 1', say('two'))
  expect(await program.run()).toBe('one')
  program.write('build 2', say('two'))
  expect(await program.run()).toBe('two')
  expect(program.listKept()).toHaveLength(1)
})

test('runCompiled() does not run kept code that is damaged, and replaces it', async () => {
  const program = createProgram()
  program.write('build 1', say('one'))
  await program.run()
  const whole = readFileSync(program.keptFile())
  const word = whole.lastIndexOf('one')
  expect(word).toBeGreaterThan(0)
  for (const damaged of [
    whole.with(word, 'x'.charCodeAt(0)),
    whole.subarray(0, 40),
    Buffer.alloc(0),
  ]) {
    writeFileSync(program.keptFile(), damaged)
    expect(await program.run()).toBe('one')
    expect(readFileSync(program.keptFile()).length).toBe(whole.length)
  }
})

test('runCompiled() keeps nothing of a run that failed, or where Node keeps nothing', async () => {
  const program = createProgram()
  program.write('build 1', `process.exitCode = 1\n${say('one')}`)
  await expect(program.run()).rejects.toMatchObject({ code: 1, stdout: 'one' })
  expect(program.listKept()).toEqual([])
  program.write('build 1', say('one'))
  expect(await program.run({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('one')
  expect(program.listKept()).toEqual([])
})

test('runCompiled() loads a module for a program without a warning of Node’s', async () => {
  const program = createProgram()
  program.write(
    'build 1',
    `module.importModule('node:os').then(({ tmpdir }) => process.stdout.write(typeof tmpdir))`,
  )
  const quiet = { stdout: 'function', stderr: '' }
  expect(await program.start()).toEqual(quiet)
  expect(await program.start()).toEqual(quiet)
})

test('runCompiled() gives a program what a CommonJS module has', async () => {
  const program = createProgram()
  program.write(
    'build 1',
    `import('node:os').then((os) => {
      const { join } = require('node:path')
      process.stdout.write([typeof os.tmpdir, join(__dirname, 'main.cjs') === __filename].join())
      module.exports = exports
    })`,
  )
  expect(await program.run()).toBe('function,true')
  expect(await program.run()).toBe('function,true')
})

test('runCompiled() removes what was kept longest ago, and nothing of others, when it keeps something new', async () => {
  const program = createProgram()
  const older = join(program.cache, 'v24.12.0-x64')
  mkdirSync(older, { recursive: true })
  const names = Array.from(
    { length: 45 },
    (_, index) => `letta-${'0'.repeat(16)}-${'x'.repeat(index + 1)}`,
  )
  for (const [index, name] of ['letter', 'letta-notes', ...names, `${names[0]}.77`].entries()) {
    writeFileSync(join(older, name), '')
    utimesSync(join(older, name), index, index)
  }
  writeFileSync(join(program.cache, 'a file'), '')
  program.write('build 1', say('one'))
  expect(await program.run()).toBe('one')
  const left = readdirSync(older)
  expect(left.toSorted()).toEqual(
    ['letta-notes', 'letter', ...names.slice(7), `${names[0]}.77`].toSorted(),
  )
  expect(program.listKept().length - left.length + 1).toBe(1)
  expect(readdirSync(program.cache)).toContain('a file')
})

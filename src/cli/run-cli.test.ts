import { expect, test } from 'vitest'
import { version } from '../config/version.ts'
import { toCommandTree, type CommandNode } from './completion/command-tree.ts'
import { createProgram } from './program.ts'
import { runCli } from './run-cli.ts'
import { createTestContext } from './testing/create-test-context.ts'

/** Runs a command line and returns what a shell would see. */
async function run(...parameters: string[]) {
  const { context, stdout, stderr } = createTestContext()
  const exitCode = await runCli(context, parameters)
  return { exitCode, stdout: stdout(), stderr: stderr() }
}

function commandPaths(node: CommandNode, path: readonly string[] = []): string[][] {
  return [
    [...path],
    ...node.children.flatMap((child) => commandPaths(child, [...path, child.name])),
  ]
}

const root = toCommandTree(createProgram(createTestContext().context))

test.each(commandPaths(root).map((path) => [path]))(
  'letta %j --help prints what it does, with an example, to standard output',
  async (path) => {
    const { exitCode, stdout, stderr } = await run(...path, '--help')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`Usage: ${['letta', ...path].join(' ')}`)
    expect(stdout).toMatch(/Examples?:\n {2}\$ /)
  },
)

test('letta --version prints the version alone', async () => {
  expect(await run('--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  [['--nonsense'], 'unknown option'],
  [['agents', 'lst'], 'unknown command'],
  [['helo'], 'there is no such command'],
  [['help', 'helo'], 'Cannot run "letta helo"'],
  [['-p', 'x', '--output-format', 'xml'], 'Allowed choices are text, json, stream-json'],
  [['server', '--port', '99999'], 'A port is a whole number'],
  [['completion', 'tcsh'], 'Allowed choices are bash'],
  [['agents', 'create'], "missing required argument 'name'"],
  [['-p', '   '], 'it is empty'],
  [['-p'], 'it is empty'],
  [['model', ' '], 'the name is empty'],
  [['--stateless'], 'without -p'],
  [['--detach'], 'without -p'],
  [['-p', 'x', '--detach', '--stateless'], 'Cannot use --detach with --stateless'],
  [['runs', 'watch'], "missing required argument 'id'"],
  [['runs', 'list', '--limit', '0'], 'It must be a whole number from 1 to 1000'],
  [['server', '--idle-exit', '-1'], 'Minutes are a number'],
  [['--agent', 'Ada', 'memory'], 'Cannot use --agent before "memory"'],
  [[], 'is not a terminal. Send one prompt with -p'],
])(
  'letta %j is called wrongly: exit code 2 and a sentence on standard error',
  async (args, part) => {
    const { exitCode, stdout, stderr } = await run(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(part)
  },
)

test('a setting that cannot be used stops a command with its name', async () => {
  const { context, stderr } = createTestContext({ environment: { LETTA_PORT: 'x' } })
  expect(await runCli(context, ['agents', 'list'])).toBe(1)
  expect(stderr()).toMatch(/^Cannot use the setting LETTA_PORT: "x" is not a whole number/)
})

test('a prompt that is the name of a command is a prompt', async () => {
  const { exitCode, stderr } = await run('-p', 'server')
  expect(exitCode).toBe(1)
  expect(stderr).toBe('Cannot open the product in this test.\n')
})

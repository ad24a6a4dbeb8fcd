import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createProgram } from '../program.ts'
import { createTestContext } from '../testing/create-test-context.ts'
import { toCommandTree, toWordTable } from './command-tree.ts'
import { renderCompletion, shells } from './completion-script.ts'

const root = toCommandTree(createProgram(createTestContext().context))

test.each(shells)('the %s script knows every command and long option', (shell) => {
  const script = renderCompletion(shell, root)
  for (const words of toWordTable(root).values()) {
    for (const word of words) expect(script).toContain(word.replace(/^--/, ''))
  }
})

/** What bash offers for a command line whose last word is being typed. */
function completeInBash(line: readonly string[]): string[] {
  const script = `${renderCompletion('bash', root)}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${line.length - 1}
_letta_complete
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

const hasBash = spawnSync('bash', ['--version']).status === 0

test.runIf(hasBash).each([
  [['letta', 'ag'], ['agents']],
  [['letta', 'agents', 'cr'], ['create']],
  [['letta', 'agents', 'create', 'Ada', '--per'], ['--persona']],
  [['letta', 'completion', 'f'], ['fish']],
  [['letta', '--out'], ['--output-format']],
  [['letta', 'nothing', 'of', 'the', '--zz'], []],
])('bash completes %j to %j', (line, expected) => {
  expect(completeInBash(line)).toEqual(expected)
})

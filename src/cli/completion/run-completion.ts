import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { toCommandTree } from './command-tree.ts'
import { renderCompletion, type Shell } from './completion-script.ts'

/** Prints the completion script of a program for a shell. */
export function runCompletion(
  context: CliContext,
  program: CommandUnknownOpts,
  shell: Shell,
): void {
  context.stdout.write(renderCompletion(shell, toCommandTree(program)))
}

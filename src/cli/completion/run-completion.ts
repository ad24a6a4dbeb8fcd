import type { CliContext } from '../context.ts'
import { createProgram } from '../program.ts'
import { toCommandTree } from './command-tree.ts'
import { renderCompletion, type Shell } from './completion-script.ts'

/** Prints the completion script of a shell. */
export function runCompletion(context: CliContext, shell: Shell): void {
  context.stdout.write(renderCompletion(shell, toCommandTree(createProgram(context))))
}

import type { CommandUnknownOpts } from '@commander-js/extra-typings'

/** A command as completion scripts and the documentation see it. */
export interface CommandNode {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionNode[]
  readonly children: readonly CommandNode[]
  /** The words its first argument may be; empty = any. */
  readonly choices: readonly string[]
}

/** An option of a command. */
export interface OptionNode {
  /** As typed: `--agent`, `-a`. */
  readonly flags: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  /** The words its value may be; empty = any. */
  readonly choices: readonly string[]
}

/** The tree of a program's commands. */
export function toCommandTree(command: CommandUnknownOpts): CommandNode {
  return {
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.map((option) => ({
        flags: [option.long, option.short].filter((flag) => typeof flag === 'string'),
        description: option.description,
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
      })),
      { flags: ['--help', '-h'], description: 'show help', takesValue: false, choices: [] },
    ],
    children: command.commands.map((child) => toCommandTree(child)),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }
}

/** What may follow the words of a path of commands, by that path; `''` is the program itself. */
export function toWordTable(root: CommandNode): ReadonlyMap<string, readonly string[]> {
  const table = new Map<string, readonly string[]>()
  const visit = (node: CommandNode, path: string): void => {
    table.set(path, [
      ...node.children.map(({ name }) => name),
      ...node.choices,
      ...node.options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))),
    ])
    for (const child of node.children)
      visit(child, path === '' ? child.name : `${path} ${child.name}`)
  }
  visit(root, '')
  return table
}

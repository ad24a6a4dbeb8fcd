/** Commands that may be written with a slash, as inside the chat. */
const slashCommands: ReadonlySet<string> = new Set([
  'agents',
  'doctor',
  'help',
  'memory',
  'model',
  'search',
])

const headlessFlag = /^(-p|--prompt(=.*)?)$/

/**
 * Understands `letta /model` as `letta model`, also after a shell that takes `/model` for a path has turned it into
 * one, such as `C:/Program Files/Git/model`.
 */
export function normalizeArguments(parameters: readonly string[]): readonly string[] {
  const [first, ...rest] = parameters
  const command = first === undefined ? null : slashCommandOf(first)
  return command === null ? parameters : [command, ...rest]
}

/** The command that an argument with a slash stands for, or null. */
export function slashCommandOf(argument: string): string | null {
  const [, name] = /^(?:[a-z]:)?[\\/](?:.*[\\/])?([a-z]+)$/i.exec(argument) ?? []
  return name !== undefined && slashCommands.has(name) ? name : null
}

/**
 * Whether the arguments are a prompt and no command: `-p` stands among them and the first is not a command's name. So
 * a prompt that happens to be the name of a command is a prompt.
 */
export function isHeadless(
  parameters: readonly string[],
  commandNames: ReadonlySet<string>,
): boolean {
  const [first] = parameters
  if (first !== undefined && commandNames.has(first)) return false
  const end = parameters.indexOf('--')
  const options = end === -1 ? parameters : parameters.slice(0, end)
  return options.some((argument) => headlessFlag.test(argument))
}

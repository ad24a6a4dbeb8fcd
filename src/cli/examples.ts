/** The end of a command's help: command lines with what they do. */
export function examples(lines: readonly (readonly [command: string, effect: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  const rendered = lines.map(([command, effect]) => `  $ ${command.padEnd(width)}  ${effect}`)
  return ['', lines.length === 1 ? 'Example:' : 'Examples:', ...rendered].join('\n')
}

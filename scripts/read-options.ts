import { parseArgs, type ParseArgsConfig } from 'node:util'

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

type Values<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowNegative: true }>
>['values']

/** What was made of the arguments of a program: its options, or what to say in place of running. */
export type ReadOptions<Options extends OptionsConfig> =
  | { readonly values: Values<Options> }
  | { readonly text: string; readonly exitCode: 0 | 2 }

/** Reads arguments. `--help` lists the options; one that does not exist is named in a sentence. */
export function readOptions<const Options extends OptionsConfig>(
  options: Options,
  args: readonly string[],
): ReadOptions<Options> {
  const list = Object.entries(options).map(([name, { type, default: standard }]) => {
    const flag = type === 'string' ? `--${name} <value>` : `--${name}`
    return standard === undefined || standard === false
      ? flag
      : `${flag} (default: ${String(standard)})`
  })
  const usage = `Options:\n${list.map((line) => `  ${line}\n`).join('')}`
  if (args.includes('--help')) return { text: usage, exitCode: 0 }
  try {
    return { values: parseArgs({ options, args: [...args], allowNegative: true }).values }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { text: `Cannot run: ${reason}.\n${usage}`.replaceAll('..', '.'), exitCode: 2 }
  }
}

/** The options of this process. Ends it when they ask for help or cannot be read. */
export function parseOptions<const Options extends OptionsConfig>(
  options: Options,
): Values<Options> {
  const read = readOptions(options, process.argv.slice(2))
  if ('values' in read) return read.values
  const output = read.exitCode === 0 ? process.stdout : process.stderr
  output.write(read.text)
  process.exit(read.exitCode)
}

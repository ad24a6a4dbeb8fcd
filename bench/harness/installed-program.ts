import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from './processes.ts'
import { root, type Workspace } from './workspace.ts'

/** The built program, laid out as an installed package. */
export interface InstalledProgram {
  /** The package's folder. */
  readonly folder: string
  /** A command of it. */
  letta(parameters: readonly string[], options: LettaOptions): Command
  /** The environment it runs in: nothing is inherited but PATH. */
  environment(options: LettaOptions): NodeJS.ProcessEnv
}

/** Where and with what the program runs. */
export interface LettaOptions {
  /** The data folder. */
  readonly home: string
  /** The working folder, which has a conversation of its own. Default: the data folder's parent. */
  readonly folder?: string
  /** The base URL of a model endpoint. Default: none, so that the offline mode answers. */
  readonly endpoint?: string
  /** Further variables. Default: none. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where Node keeps compiled code. Default: one folder for all runs of this program. */
  readonly temporary?: string
}

/**
 * Builds the program into a workspace as the package holds it, or copies what is in dist/, so that a build by somebody
 * else does not change what is measured. All dependencies are in the bundle, so nothing else needs to be installed.
 */
export function installProgram(
  workspace: Workspace,
  options: { readonly build: boolean },
): InstalledProgram {
  const folder = join(workspace.folder('installed'), 'node_modules', 'letta-ts')
  mkdirSync(folder, { recursive: true })
  for (const name of ['bin', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  const dist = join(root, 'dist')
  if (options.build || !existsSync(join(dist, 'main.cjs'))) build(join(folder, 'dist'))
  else cpSync(dist, join(folder, 'dist'), { recursive: true })
  const launcher = join(folder, 'bin', 'letta.cjs')
  const temporary = workspace.folder('temporary')
  const environment = (run: LettaOptions): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: workspace.path,
    TMPDIR: run.temporary ?? temporary,
    LETTA_HOME: run.home,
    ...run.settings,
    ...(run.endpoint === undefined
      ? {}
      : { OPENAI_BASE_URL: run.endpoint, OPENAI_API_KEY: 'bench' }),
  })
  return {
    folder,
    environment,
    letta: (parameters, run) => ({
      parameters: [launcher, ...parameters],
      folder: run.folder ?? workspace.path,
      environment: environment(run),
    }),
  }
}

function build(folder: string): void {
  const parameters = [join(root, 'scripts', 'build.ts'), '--out', folder]
  const { status, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot build the program: ${stderr}`)
}

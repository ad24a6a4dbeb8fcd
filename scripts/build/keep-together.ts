import { resolve } from 'node:path'
import type { Metafile } from 'esbuild'

/** What is known of a bundle, and how it is to be cut. */
export interface CutOptions {
  readonly root: string
  /** Of a build that was cut by esbuild alone. */
  readonly metafile: Metafile
  /** Entries in the order in which a program loads them; what one loads first is kept in one file. */
  readonly stages: readonly string[]
  /** Entries that load only what they need. */
  readonly apart: readonly string[]
}

/**
 * Puts modules that are loaded together into one file: returns the imports to add to a source file, by its path.
 *
 * By itself esbuild makes a file for each set of entries that share some modules. That were sixty files for one answer, most of
 * them small, and to find, read and link them took a fifth of its time. Where every entry that needs a part of a
 * stage imports the whole, the modules of the stage have the same entries and so lie in one file.
 */
export function keepTogether(options: CutOptions): (path: string) => string {
  const { root, metafile, apart } = options
  const stageOf = toStages(options)
  /** The modules of every stage that some modules are of. */
  const wholeStages = (modules: Iterable<string>): string[] => {
    const needed = new Set([...modules].map((module) => stageOf.get(module)))
    return [...stageOf].filter(([, stage]) => needed.has(stage)).map(([module]) => module)
  }
  const entries = entriesOf(metafile).filter((entry) => !apart.includes(entry))
  const added = new Map(
    entries.map((entry) => {
      const direct = wholeStages(importsOf(metafile, [entry]))
      // What those import may be of stages that the entry did not need itself.
      return [resolve(root, entry), wholeStages(importsOf(metafile, direct))]
    }),
  )
  return (path) => {
    const modules = added.get(path) ?? []
    return modules.map((module) => `\nimport ${JSON.stringify(resolve(root, module))}`).join('')
  }
}

/** The stage that loads a module of ours first, where more than one entry needs it; packages follow who imports them. */
function toStages({ metafile, stages }: CutOptions): Map<string, string> {
  const uses = entriesOf(metafile).flatMap((entry) => [...importsOf(metafile, [entry])])
  const once = new Set(uses)
  const shared = new Set(uses.filter((module) => !once.delete(module)))
  const stageOf = new Map<string, string>()
  for (const stage of stages) {
    for (const module of importsOf(metafile, [stage])) {
      const isOurs = module.endsWith('.ts') && !module.includes('node_modules')
      if (isOurs && shared.has(module) && !stageOf.has(module)) stageOf.set(module, stage)
    }
  }
  return stageOf
}

/** The modules that a program begins with, or imports when it needs them. */
function entriesOf(metafile: Metafile): readonly string[] {
  return Object.values(metafile.outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
}

/** Modules with all that they import at once. */
function importsOf(metafile: Metafile, modules: readonly string[]): ReadonlySet<string> {
  const found = new Set(modules)
  for (const module of found) {
    for (const { path, kind, external } of metafile.inputs[module]?.imports ?? []) {
      if (kind !== 'dynamic-import' && external !== true) found.add(path)
    }
  }
  return found
}

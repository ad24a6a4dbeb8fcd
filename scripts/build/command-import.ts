import type { importModule as importFrom } from '../../src/tools/import-module.ts'

/** What `bin/run-compiled.cjs` gives a program beside its exports. */
declare const module: { readonly importModule?: typeof importFrom }

/**
 * Loads a module by its URL: through the launcher, where that runs the bundle of the command, as Node warns of an `import()` in a
 * script that was compiled before.
 */
export const importModule: typeof importFrom =
  module.importModule ?? ((url) => import(url) as Promise<unknown>)

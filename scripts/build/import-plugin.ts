import { join } from 'node:path'
import type { Plugin } from 'esbuild'

/** Has the command load modules through its launcher. */
export const importPlugin: Plugin = {
  name: 'import-through-launcher',
  setup(build) {
    build.onResolve({ filter: /[\\/]import-module\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? null : { path: join(import.meta.dirname, 'command-import.ts') },
    )
  },
}

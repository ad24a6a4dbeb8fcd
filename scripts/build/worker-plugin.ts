import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/** A reference to a source file of ours that runs as a program of its own, such as a worker. */
const fileReference = /new URL\(\s*(['"])(\.[^'"]+\.ts)\1\s*,\s*import\.meta\.url,?\s*\)/g

/**
 * Points `new URL('./x.ts', import.meta.url)` at the bundle of x.ts.
 * All output lies in one folder, so `./name.js` is right in every chunk. A file that is not among
 * `entries` (output name to source path) is an error: the built program could not find it. `append` gives what is added to
 * the source of a path, by default nothing: esbuild lets only one plugin read a file.
 */
export function workerPlugin(
  root: string,
  entries: Readonly<Record<string, string>>,
  append: (path: string) => string = () => '',
): Plugin {
  const names = new Map(Object.entries(entries).map(([name, path]) => [path, name]))
  return {
    name: 'workers',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/].*\.tsx?$/ }, async ({ path }) => {
        if (path.includes('node_modules')) return undefined
        const source = await readFile(path, 'utf8')
        const contents = source.replace(fileReference, (_match, _quote, specifier: string) => {
          const target = relative(root, resolve(dirname(path), specifier)).replaceAll('\\', '/')
          const name = names.get(target)
          if (name === undefined) throw new Error(cannotBundle(relative(root, path), target))
          return `new URL('./${name}.js', import.meta.url)`
        })
        return { contents: contents + append(path), loader: path.endsWith('x') ? 'tsx' : 'ts' }
      })
    },
  }
}

function cannotBundle(file: string, target: string): string {
  return (
    `Cannot bundle ${file}: it refers to ${target}, which has no bundle of its own. ` +
    'Add it to the entries in scripts/build.ts.'
  )
}

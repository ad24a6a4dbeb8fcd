import type { Plugin } from 'esbuild'

/** Modules of Node that most commands never use, though they import them, with what is imported by name. */
const late: Readonly<Record<string, readonly string[]>> = {
  'node:child_process': ['spawn'],
  'node:dns': ['lookup'],
  'node:readline': ['createInterface'],
}

/**
 * Has the command load some modules of Node with their first use: that of child processes alone takes as long to load as all of
 * the command line's own. A name that is imported and not listed above is an error of the build.
 */
export const lateBuiltinsPlugin: Plugin = {
  name: 'late-builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) =>
      path in late ? { path, namespace: 'late-builtin' } : null,
    )
    build.onLoad({ filter: /.*/, namespace: 'late-builtin' }, ({ path }) => ({
      contents: toLate(path, late[path] ?? []),
    }))
  },
}

function toLate(path: string, names: readonly string[]): string {
  return [
    `const load = () => process.getBuiltinModule(${JSON.stringify(path)})`,
    ...names.map(
      (name) => `export function ${name}(...values) { return load().${name}(...values) }`,
    ),
    'export default new Proxy({}, { get: (_, name) => load()[name] })',
  ].join('\n')
}

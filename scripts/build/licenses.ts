import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of all packages that went into a bundle, as their terms ask of whoever copies them.
 * `inputs` are the bundled files, relative to `root`.
 */
export function licensesOf(root: string, inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap(packageFolderOf))
  return [...packages]
    .toSorted()
    .map((folder) => licenseOf(join(root, folder)))
    .join('\n')
}

function packageFolderOf(input: string): string[] {
  const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)
  return match === null ? [] : [match[0]]
}

function licenseOf(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  const text = file === undefined ? undefined : readFileSync(join(folder, file), 'utf8')
  return `${titleOf(manifest)}\n\n${text?.trim() ?? 'See the licence named above.'}\n\n${'-'.repeat(80)}\n`
}

function titleOf(manifest: unknown): string {
  const read = (key: string): string => {
    if (typeof manifest !== 'object' || manifest === null || !(key in manifest)) return 'unknown'
    return String(Reflect.get(manifest, key))
  }
  return `${read('name')} ${read('version')} (${read('license')})`
}

// Writes what is generated from the source, the pages of docs/ above all, or with --check only compares it with what is there.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderConfigDocs } from '../src/config/render-config-docs.ts'
import { builtinParameters } from './docs/builtin-parameters.ts'
import { cliPage } from './docs/cli-page.ts'
import { errorsPage } from './docs/errors-page.ts'

/** A file that is made from the source. */
interface Page {
  readonly path: string
  generate(): string
}

const root = join(import.meta.dirname, '..')
const pages: readonly Page[] = [
  { path: 'docs/cli.md', generate: cliPage },
  { path: 'docs/config.md', generate: renderConfigDocs },
  { path: 'docs/errors.md', generate: errorsPage },
  { path: 'src/tools/builtin/builtin-parameters.json', generate: builtinParameters },
]
const onlyCheck = process.argv.includes('--check')

for (const page of pages) {
  const wanted = page.generate()
  const found = await readFile(join(root, page.path), 'utf8').catch(() => undefined)
  if (found === wanted) continue
  if (onlyCheck) {
    process.stderr.write(`Cannot accept ${page.path}: it is out of date. Run \`npm run docs\`.\n`)
    process.exitCode = 1
  } else {
    await writeFile(join(root, page.path), wanted)
  }
}

// Builds what is published: dist/ (command, library, SDK, workers) and sdk/dist/, with declarations.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type BuildOptions, type Metafile } from 'esbuild'
import { importPlugin } from './build/import-plugin.ts'
import { keepTogether } from './build/keep-together.ts'
import { lateBuiltinsPlugin } from './build/late-builtins-plugin.ts'
import { licensesOf } from './build/licenses.ts'
import { workerPlugin } from './build/worker-plugin.ts'
import { zodPlugin } from './build/zod-plugin.ts'

const root = join(import.meta.dirname, '..')

/** `--out FOLDER` bundles the product there and nothing else: for tests, which leave dist/ alone. */
const { out } = parseArgs({ options: { out: { type: 'string' } } }).values

/** Bundle name to source: everything that Node is told to import by itself, or to run as a worker or a process. */
const entries = {
  index: 'src/index.ts',
  sdk: 'sdk/src/index.ts',
  'storage-worker': 'src/storage/embedded/worker.ts',
  'search-process': 'src/storage/engine/search-process.ts',
}

/** What `openEmbedded()` loads, in this order. */
const stages = [
  'src/server/open-embedded.ts',
  'src/storage/embedded/open-embedded-store.ts',
  'src/storage/embedded/inline-host.ts',
]

/** What has to start with as little as there is. */
const apart = ['sdk/src/index.ts', entries['storage-worker'], entries['search-process']]

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  charset: 'ascii',
  minifySyntax: true,
  minifyWhitespace: true,
  // A crash prints the line it happened in.
  lineLimit: 200,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
}

/** Some dependencies are CommonJS and ask for Node's own modules with `require`. */
const requireForCommonJs =
  "import{createRequire as lettaCreateRequire}from'node:module';const require=lettaCreateRequire(import.meta.url);"

/** What some names mean in the command: what `import.meta` says, and what requests are made of (`build/command-fetch.ts`). */
const namesOfCommand = {
  'import.meta.url': 'lettaFileUrl',
  'import.meta.filename': '__filename',
  fetch: 'lettaFetch.fetch',
  Headers: 'lettaFetch.Headers',
  Request: 'lettaFetch.Request',
  Response: 'lettaFetch.Response',
  FormData: 'lettaFetch.FormData',
}
const urlForCommonJs = "const lettaFileUrl=require('node:url').pathToFileURL(__filename).href;"

if (out === undefined) {
  await Promise.all(
    ['dist', 'sdk/dist'].map((folder) => rm(join(root, folder), { recursive: true, force: true })),
  )
  await Promise.all([buildProduct(join(root, 'dist')), buildSdk()])
  await declare()
} else {
  await buildProduct(resolve(out))
}

async function buildProduct(folder: string): Promise<void> {
  const inputs = await Promise.all([buildLibrary(folder), buildCommand(folder)])
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), licensesOf(root, inputs.flat()))
}

/** The library: dependencies inside, split so that it loads little more than is used, from few files. Returns what is in it. */
async function buildLibrary(folder: string): Promise<string[]> {
  const cut = (metafile?: Metafile): BuildOptions => ({
    ...common,
    entryPoints: entries,
    outdir: folder,
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: requireForCommonJs },
    plugins: [
      workerPlugin(root, entries, metafile && keepTogether({ root, metafile, stages, apart })),
      zodPlugin,
    ],
  })
  const draft = await build({ ...cut(), write: false, metafile: true })
  const { metafile } = await build(cut(draft.metafile))
  return Object.keys(metafile?.inputs ?? {})
}

/**
 * main.cjs: the command in one file, which `bin/run-compiled.cjs` runs with the code that V8 made for it before. Its first line
 * tells by a digest which build it is. Returns what is in it.
 */
async function buildCommand(folder: string): Promise<string[]> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir: folder,
    format: 'cjs',
    define: namesOfCommand,
    inject: ['scripts/build/command-fetch.ts'],
    banner: { js: urlForCommonJs },
    plugins: [workerPlugin(root, entries), zodPlugin, importPlugin, lateBuiltinsPlugin],
    write: false,
  })
  const program = toProgram(outputFiles?.[0]?.text ?? '')
  const digest = createHash('sha256').update(program).digest('hex')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'main.cjs'), `// ${digest}\n${program}`)
  return Object.keys(metafile?.inputs ?? {})
}

/** CommonJS as the launcher takes it: the value of the file is a function. Where Node itself runs the file, it calls it. */
function toProgram(code: string): string {
  const names = 'exports,require,module,__filename,__dirname'
  const call = `(run)=>typeof module==='undefined'?run:run(${names})`
  // The brackets tell V8 that all of it will be run.
  return `(${call})((function(${names}){${code}\n}))\n`
}

/** sdk/dist/: our few lines only; the official client and the product stay packages of their own. */
async function buildSdk(): Promise<void> {
  await build({
    ...common,
    entryPoints: [entries.sdk],
    outfile: 'sdk/dist/index.js',
    packages: 'external',
    tsconfigRaw: {},
  })
}

/** Writes the declarations of the public entries; the SDK's own package gets a copy of its part. */
async function declare(): Promise<void> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const project = join(root, 'tsconfig.build.json')
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' })
  if (status !== 0) throw new Error('Cannot write the declarations: see the errors above')
  await cp(join(root, 'dist/types/sdk/src'), join(root, 'sdk/dist'), { recursive: true })
}

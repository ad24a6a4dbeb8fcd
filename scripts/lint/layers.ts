import path from 'node:path'

/** Where a path lies: in src the `layer` folder, or the `name` of a file at its root. */
type Place =
  | { area: 'sdk' }
  | { area: 'manifest' }
  | { area: 'other' }
  | { area: 'src'; layer: string }
  | { area: 'src'; name: string; layer?: undefined }

type SourcePlace = Extract<Place, { area: 'src' }>

/** One import: the absolute `file` that names `specifier`, both judged relative to `root`. */
export interface ImportOfFile {
  readonly root: string
  readonly file: string
  readonly specifier: string
}

/** The folders of `src/`, lowest layer first: each may import only itself and those before it. */
export const layers: readonly string[] = [
  'util',
  'errors',
  'net',
  'config',
  'telemetry',
  'domain',
  'wire',
  'storage',
  'llm',
  'memory',
  'tools',
  'context',
  'compaction',
  'runtime',
  'jobs',
  'app',
  'server',
  'testing',
  'cli',
  'tui',
]

/** Layers that reach the product only through `sdk/`; `main.ts` hands them what else they need. */
const outerLayers = new Set(['cli', 'tui'])

/** What an outer layer may import from `src/` besides itself: words and settings, no behaviour. */
const sharedWithOuterLayers = new Set(['util', 'errors', 'config', 'telemetry'])

/** Files at the root of `src/` that put the product together and so may import every layer. */
const compositionRoots = new Set(['main.ts', 'index.ts'])

/**
 * Tells why `file` may not import `specifier`, or returns undefined when it may.
 * Tests may import anything; specifiers that are not relative are packages.
 */
export function layerViolation({ root, file, specifier }: ImportOfFile): string | undefined {
  if (!specifier.startsWith('.') || isTest(file)) return undefined
  const from = placeOf(root, file)
  const to = placeOf(root, path.resolve(path.dirname(file), specifier))
  if (from.area === 'sdk' && to.area === 'src') {
    return "Cannot import from src/ in sdk/: the SDK takes a fetch or imports the package 'letta-ts' when it runs"
  }
  if (from.area !== 'src') return undefined
  if (to.area === 'sdk') return importOfSdk(from)
  if (to.area === 'manifest') return undefined
  if (to.area !== 'src') {
    return `Cannot import '${specifier}': src/ may import only from src/, package.json and, in cli/ and tui/, sdk/`
  }
  return importInSource(from, to)
}

function importOfSdk(from: SourcePlace): string | undefined {
  if (from.layer === undefined || outerLayers.has(from.layer)) return undefined
  return `Cannot import sdk/ in ${from.layer}/: only cli/, tui/ and main.ts speak through the SDK`
}

function importInSource(from: SourcePlace, to: SourcePlace): string | undefined {
  if (from.layer === undefined) {
    if (compositionRoots.has(from.name)) return undefined
    return `Cannot keep ${from.name} at the root of src/: move it into the layer it belongs to`
  }
  if (to.layer === undefined) {
    return `Cannot import src/${to.name} in ${from.layer}/: it is the composition root, above every layer`
  }
  if (from.layer === to.layer) return undefined
  return importAcross(from.layer, to.layer)
}

function importAcross(from: string, to: string): string | undefined {
  const [fromRank, toRank] = [layers.indexOf(from), layers.indexOf(to)]
  if (fromRank === -1) return `Cannot use the folder src/${from}/: it is not in the list of layers`
  if (toRank === -1) return `Cannot import src/${to}/: it is not in the list of layers`
  if (outerLayers.has(from) && !outerLayers.has(to) && !sharedWithOuterLayers.has(to)) {
    return `Cannot import ${to}/ in ${from}/: ${from}/ reaches the product only through sdk/`
  }
  if (toRank > fromRank) {
    return `Cannot import ${to}/ in ${from}/: ${to}/ is a higher layer; pass what is needed as a parameter`
  }
  return undefined
}

function placeOf(root: string, file: string): Place {
  const [area, first = '', ...rest] = path.relative(root, file).split(path.sep)
  if (area === 'sdk') return { area }
  if (area === 'package.json') return { area: 'manifest' }
  if (area !== 'src') return { area: 'other' }
  return rest.length === 0 ? { area, name: first } : { area, layer: first }
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file)
}

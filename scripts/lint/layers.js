import path from 'node:path'

/** The folders of `src/`, lowest layer first: each may import only itself and those before it. */
export const layers = [
  'util',
  'errors',
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
 * Both paths are judged relative to `root`; specifiers that are not relative are packages.
 */
export function layerViolation({ root, file, specifier }) {
  if (!specifier.startsWith('.') || isTest(file)) return undefined
  const from = placeOf(root, file)
  const to = placeOf(root, path.resolve(path.dirname(file), specifier))
  if (from.area === 'sdk' && to.area === 'src') {
    return "Cannot import from src/ in sdk/: the SDK takes a fetch or imports the package 'letta-ts' when it runs"
  }
  if (from.area !== 'src') return undefined
  if (to.area === 'sdk') return importOfSdk(from)
  if (to.area !== 'src') {
    return `Cannot import '${specifier}': src/ may import only from src/ and, in cli/ and tui/, from sdk/`
  }
  return importInSource(from, to)
}

function importOfSdk(from) {
  if (from.layer === undefined || outerLayers.has(from.layer)) return undefined
  return `Cannot import sdk/ in ${from.layer}/: only cli/, tui/ and main.ts speak through the SDK`
}

function importInSource(from, to) {
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

function importAcross(from, to) {
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

/** Where a path lies: `area` src, sdk or other; in src the `layer` folder, or the root file's `name`. */
function placeOf(root, file) {
  const parts = path.relative(root, file).split(path.sep)
  if (parts[0] === 'sdk') return { area: 'sdk' }
  if (parts[0] !== 'src') return { area: 'other' }
  if (parts.length === 2) return { area: 'src', name: parts[1] }
  return { area: 'src', layer: parts[1] }
}

function isTest(file) {
  return /\.test\.tsx?$/.test(file)
}

const { createHash } = require('node:crypto')
const { readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs')
const nodeModule = require('node:module')
const { dirname, join } = require('node:path')
const { constants, Script } = require('node:vm')

const digestBytes = 32

/**
 * Runs a file of ASCII text whose first line is a comment with its digest and whose value is a function, which takes what a
 * CommonJS module takes.
 *
 * What V8 compiled for it is kept beside Node's own cache of compiled code. Node keeps a module as it was when it was loaded, so
 * that every function that runs after that is compiled anew in each process: a quarter of the time of a short command. Here it is
 * taken at the end of a run that went well, with all that this run called. `profile` names a kind of run, which has a file of its
 * own.
 *
 * @param {string} file
 * @param {string} profile
 */
exports.runCompiled = (file, profile) => {
  const source = readFileSync(file, 'latin1')
  const kept = toKept({ file, profile, digest: source.slice(0, source.indexOf('\n')) })
  const cachedData = kept === null ? undefined : readKept(kept)
  const script = new Script(source, {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  if (kept !== null && (cachedData === undefined || script.cachedDataRejected === true)) {
    process.once('exit', (code) => {
      if (code === 0) keep(kept, script.createCachedData())
    })
  }
  // Node warns of an import() in the script itself.
  const module = { exports: {}, importModule: (/** @type {string} */ url) => import(url) }
  const run = script.runInThisContext()
  run(module.exports, nodeModule.createRequire(file), module, file, dirname(file))
}

/**
 * Where compiled code lies, and what it is made from.
 *
 * @typedef {object} Kept
 * @property {string} path
 * @property {string} digest
 */

/**
 * Null where Node keeps no compiled code, such as with `NODE_DISABLE_COMPILE_CACHE`. An installation has one file for each profile,
 * so that an update takes the place of what was there.
 *
 * @param {{ readonly file: string, readonly profile: string, readonly digest: string }} run
 * @returns {Kept | null}
 */
function toKept({ file, profile, digest }) {
  nodeModule.enableCompileCache()
  const folder = nodeModule.getCompileCacheDir()
  if (folder === undefined) return null
  const place = createHash('sha256').update(file).digest('hex').slice(0, 16)
  return { path: join(folder, `letta-${place}-${profile}`), digest }
}

/**
 * What was kept, unless it is of other code, damaged or somebody else's: V8 runs what it is given without looking into it.
 *
 * @param {Kept} kept
 */
function readKept(kept) {
  try {
    if (process.getuid !== undefined && statSync(kept.path).uid !== process.getuid()) return
    const bytes = readFileSync(kept.path)
    const data = bytes.subarray(digestBytes)
    return digestOf(kept, data).equals(bytes.subarray(0, digestBytes)) ? data : undefined
  } catch {
    // There is nothing yet: it is compiled.
    return undefined
  }
}

/**
 * Another process sees all of it or nothing.
 *
 * @param {Kept} kept
 * @param {Buffer} data
 */
function keep(kept, data) {
  const draft = `${kept.path}.${process.pid}`
  try {
    writeFileSync(draft, Buffer.concat([digestOf(kept, data), data]), { mode: 0o600, flag: 'wx' })
    renameSync(draft, kept.path)
    require('./prune-compiled.cjs').pruneCompiled(dirname(dirname(kept.path)))
  } catch {
    // The command has done its work; without this the next one only takes longer.
    rmSync(draft, { force: true })
  }
}

/**
 * @param {Kept} kept
 * @param {Buffer} data
 */
function digestOf({ digest }, data) {
  return createHash('sha256').update(digest).update(data).digest()
}

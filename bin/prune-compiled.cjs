const { readdirSync, rmSync, statSync } = require('node:fs')
const { join } = require('node:path')

/** How many files of compiled code stay, of 1 to 3 MB each: those of all commands of one installation, and some of others. */
const mostKept = 40

/**
 * Removes what was written longest ago of the compiled code that the launcher keeps, beyond a number of files. Nobody else does:
 * an installation that is gone, and Node of another version, which has a folder of its own, leave theirs behind.
 *
 * @param {string} cache The folder in which each version of Node has one.
 */
exports.pruneCompiled = (cache) => {
  const files = readdirSync(cache)
    .flatMap((version) => listKept(join(cache, version)))
    .sort((one, other) => other.writtenMs - one.writtenMs)
  for (const { path } of files.slice(mostKept)) rmSync(path, { force: true })
}

/** @param {string} folder */
function listKept(folder) {
  try {
    return readdirSync(folder)
      .filter((name) => /^letta-[0-9a-f]{16}-[a-z-]+(\.\d+)?$/.test(name))
      .map((name) => join(folder, name))
      .map((path) => ({ path, writtenMs: statSync(path).mtimeMs }))
  } catch {
    // It is no folder, somebody else's, or being removed at this moment.
    return []
  }
}

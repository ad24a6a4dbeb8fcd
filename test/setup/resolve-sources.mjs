// What `--import` loads first in every process and thread of a test run. Plain JavaScript, as a test may start an older Node.
import module from 'node:module'

/**
 * Answers where a relative specifier of our sources leads: to the file of that name, as all of them are written. Node itself
 * asks the disk several times for each, which is a third of the time in which a thread of the storage engine starts.
 *
 * @type {Pick<Required<import('node:module').RegisterHooksOptions>, 'resolve'>}
 */
export const resolveSources = {
  resolve(specifier, context, nextResolve) {
    const isOurs =
      specifier.startsWith('.') &&
      specifier.endsWith('.ts') &&
      context.parentURL?.startsWith('file:')
    if (!isOurs) return nextResolve(specifier, context)
    // The runner loads a test again by a query, which its imports do not have.
    const { href } = new URL(specifier, context.parentURL)
    return { url: href, format: 'module-typescript', shortCircuit: true }
  },
}

module.registerHooks?.(resolveSources)

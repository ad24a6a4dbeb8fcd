import type { Plugin } from 'esbuild'

const englishOnly = "export { default as en } from './en.js'"

/**
 * Leaves out zod's messages in languages other than English, half of its size.
 * Its one namespace object refers to all of them, so no bundler can see that they are unused.
 */
export const zodPlugin: Plugin = {
  name: 'zod-english-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: englishOnly,
    }))
  },
}

import { lightFetch } from '../../src/net/light-fetch.ts'
import { networkFetch } from '../../src/net/network-fetch.ts'

/**
 * What the names `fetch`, `Headers`, `Request`, `Response` and `FormData` mean in the bundle of the command: light ones, which
 * nobody outside of the bundle sees. A server takes the global ones, which its HTTP library replaces.
 */
export const lettaFetch =
  process.argv[2] === 'server' ? globalThis : { ...lightFetch, fetch: networkFetch }

import type { AppParts } from './app-parts.ts'
import type { Services } from './services/services.ts'

/**
 * The whole program without its edges: what `createApp` builds and `createServer` serves.
 *
 * `createApp` makes the parts, then `services: createServices(parts)`.
 */
export interface App extends AppParts {
  readonly services: Services
  /** Stops jobs and runtime, then closes the store. Idempotent. */
  close(): Promise<void>
}

import type { AppParts } from '../app-parts.ts'

/** What the API can do besides running turns: one service per resource. */
export interface Services {
  readonly parts: AppParts
}

/** Builds the services from the parts of the app. */
export function createServices(parts: AppParts): Services {
  return { parts }
}

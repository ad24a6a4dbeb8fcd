import type { StoreDescription } from '../store.ts'

/** What is the same of every embedded database. */
export const builtIn = {
  engine: 'sqlite',
  vectors: { isAvailable: true, by: 'built in' },
} as const satisfies Pick<StoreDescription, 'engine' | 'vectors'>

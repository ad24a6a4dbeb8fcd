import type { IdSource } from '../util/id-source.ts'

/** Identifiers that count up from 1, so that stored rows are the same in every run of a test. */
export function createNumberedIds(): IdSource {
  let count = 0
  return {
    uuid() {
      count += 1
      return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
    },
  }
}

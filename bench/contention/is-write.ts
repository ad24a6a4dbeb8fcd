import { operationKinds } from '../../src/storage/operation-kinds.ts'

const writes: ReadonlySet<string> = new Set(
  Object.entries(operationKinds).flatMap(([name, kind]) => (kind === 'write' ? [name] : [])),
)

/** Whether a name is that of an operation of the store that writes. */
export function isWrite(name: string): boolean {
  return writes.has(name)
}

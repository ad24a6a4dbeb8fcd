import { expect } from 'vitest'
import type { ErrorCode } from '../../errors/error-codes.ts'
import type { World } from './world.ts'

/** One thing that every engine has to do, tried on a tenant of its own. */
export interface ConformanceCase {
  /** Subject and behaviour. */
  readonly name: string
  /** Whether the database has to be able to keep vectors. Default: false. */
  readonly needsVectors?: boolean
  run(world: World): Promise<void>
}

/** Expects an operation to be refused with a code, and its error to be an `AppError` with words for people. */
export async function expectRefused(operation: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(operation).rejects.toMatchObject({
    name: 'AppError',
    code,
    message: expect.stringMatching(/^Cannot .+: .+\. .+\.$/s),
  })
}

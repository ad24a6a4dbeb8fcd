import { APIError } from '@letta-ai/letta-client'
import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'

const healthSchema = z.lazy(() =>
  z.object({
    version: z.string(),
    status: z.string(),
    instance_id: z.string().optional(),
    database_id: z.string().optional(),
    engine: z.string().optional(),
    location: z.string().optional(),
    vectors: z
      .object({
        available: z.boolean(),
        by: z.string().optional(),
        detail: z.string().optional(),
      })
      .optional(),
    /** What does not get on, when something does not. */
    detail: z.string().optional(),
    jobs: z
      .object({
        due: z.number(),
        upcoming: z.number(),
        running: z.number(),
        dead: z.number(),
        oldest_due_at: z.string().nullable(),
      })
      .optional(),
  }),
)

/** What a server says about itself. */
export type Health = z.infer<typeof healthSchema>

/** Asks for the health of the server, or of the product in this process. */
export async function readHealth(client: Client): Promise<Health> {
  try {
    return healthSchema.parse(await client.letta.health({ maxRetries: 0 }))
  } catch (error) {
    // A server whose jobs are stuck says so with a status of its own.
    const failing = error instanceof APIError ? healthSchema.safeParse(error.error) : null
    if (failing?.success === true) return failing.data
    throw error
  }
}

/**
 * Makes sure that what answers at an address that somebody typed is a server of this API.
 *
 * @throws CliError when it is another program.
 */
export async function requireLetta(client: Client, baseUrl: string): Promise<void> {
  try {
    await readHealth(client)
  } catch (error) {
    if (!isForeignAnswer(error)) throw error
    throw new CliError(
      `Cannot use the server at ${baseUrl}: what answers there is not Letta. Correct LETTA_BASE_URL, or unset it.`,
    )
  }
}

/** A page, a refusal of the path: but neither silence nor a gateway that has lost its server. */
function isForeignAnswer(error: unknown): boolean {
  if (error instanceof z.ZodError) return true
  return error instanceof APIError && error.status !== undefined && error.status < 500
}

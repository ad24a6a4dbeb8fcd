import { z } from 'zod'
import type { Client } from '../../../sdk/src/index.ts'

const healthSchema = z.object({
  version: z.string(),
  status: z.string(),
  instance_id: z.string().optional(),
  database_id: z.string().optional(),
  engine: z.string().optional(),
  location: z.string().optional(),
})

/** What a server says about itself. */
export type Health = z.infer<typeof healthSchema>

/** Asks for the health of the server, or of the product in this process. */
export async function readHealth(client: Client): Promise<Health> {
  return healthSchema.parse(await client.letta.health())
}

import { z } from 'zod'
import { optional } from './optional.ts'
import type { AccessKey } from '../domain/access-key.ts'
import type { JsonObject } from '../util/json.ts'
import { identifierSchema } from './identifier.ts'
import { encodeTime } from './time.ts'

/** The body of `POST /v1/keys/`. */
export const createKeySchema = z.lazy(() =>
  z.strictObject({
    name: z.string().trim().min(1).max(100),
    role: z.enum(['admin', 'member', 'reader']).default('admin'),
    agent_ids: optional(z.array(identifierSchema('agent')).min(1)),
  }),
)

/** A key without its secret, which is shown once, at creation. */
export function encodeKey(key: AccessKey): JsonObject {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    agent_ids: key.agentIds,
    hint: key.hint,
    user_id: key.userId,
    created_at: encodeTime(key.createdAt),
    last_used_at: encodeTime(key.lastUsedAt),
    revoked_at: encodeTime(key.revokedAt),
  }
}

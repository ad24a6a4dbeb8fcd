import { z } from 'zod'
import type { ForgetElsewhere, ForgetItem, ForgetReceipt } from '../domain/forget.ts'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { encodeTime } from './time.ts'

/** The body of `POST /v1/forget/preview`. */
export const forgetPreviewSchema = z.lazy(() =>
  z.strictObject({
    ids: optional(z.array(z.string().min(1)).max(1000)),
    query: optional(z.string().min(1).max(10_000)),
    cut_only: optional(z.boolean()),
    include_shared: optional(z.boolean()),
    agent_id: optional(z.string()),
  }),
)

/** The body of `POST /v1/forget`. */
export const forgetSchema = z.lazy(() =>
  forgetPreviewSchema.unwrap().extend({ token: z.string().min(1) }),
)

/** The query of `GET /v1/forget`. */
export const forgetListQuery = z.lazy(() =>
  z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(50),
    before: z.string().optional(),
  }),
)

/** What a decoded body asks for. */
export function toForgetRequest(body: z.infer<typeof forgetPreviewSchema>): {
  readonly ids: readonly string[]
  readonly query: string | null
  readonly cutOnly: boolean
  readonly includeShared: boolean
  readonly agentId: string | null
} {
  return {
    ids: body.ids ?? [],
    query: body.query ?? null,
    cutOnly: body.cut_only ?? false,
    includeShared: body.include_shared ?? false,
    agentId: body.agent_id ?? null,
  }
}

/** A preview. */
export function encodePreview(preview: {
  readonly token: string
  readonly items: readonly ForgetItem[]
  readonly counts: Readonly<Record<string, number>>
  readonly elsewhere: ForgetElsewhere
}): JsonObject {
  return {
    token: preview.token,
    counts: { ...preview.counts },
    elsewhere: encodeElsewhere(preview.elsewhere),
    items: preview.items.map(({ kind, id, reason, effect, snippet, becomes, at }) => ({
      kind,
      id,
      reason,
      effect,
      snippet,
      becomes,
      date: at === null ? null : encodeTime(at),
    })),
  }
}

/** A receipt. */
export function encodeReceipt(receipt: ForgetReceipt): JsonObject {
  const { residue } = receipt
  return {
    id: receipt.id,
    agent_id: receipt.agentId,
    origin: receipt.origin,
    state: receipt.state,
    counts: { ...receipt.counts },
    residue:
      residue === null
        ? null
        : {
            rows_searched: residue.rowsSearched,
            rows_found: residue.rowsFound,
            files_searched: residue.filesSearched,
            files_found: residue.filesFound,
            elsewhere: encodeElsewhere(residue.elsewhere ?? null),
          },
    cleaning: receipt.cleaning,
    outside: [...receipt.outside],
    requested_by_id: receipt.requestedById,
    created_at: encodeTime(receipt.createdAt),
    completed_at: receipt.completedAt === null ? null : encodeTime(receipt.completedAt),
  }
}

function encodeElsewhere(elsewhere: ForgetElsewhere | null): JsonObject | null {
  if (elsewhere === null) return null
  return {
    agents: elsewhere.agents.map(({ agentId, rows }) => ({ agent_id: agentId, rows })),
    unsearched: elsewhere.unsearched,
  }
}

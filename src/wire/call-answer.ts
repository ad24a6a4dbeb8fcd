import { z } from 'zod'
import type { CallAnswer } from '../domain/approval.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'
import { optional } from './optional.ts'

const approvalReturn = z.lazy(() =>
  z.object({
    type: z.literal('approval'),
    tool_call_id: z.string().min(1),
    approve: z.boolean(),
    reason: optional(z.string()),
  }),
)

const returnPart = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text').default('text'), text: z.string() }),
    z.object({ type: z.literal('image'), source: jsonObject }),
  ]),
)

/** `ToolReturn`: what came of a call that the caller ran. */
export const toolReturnSchema = z.lazy(() =>
  z.object({
    type: optional(z.literal('tool')),
    tool_call_id: z.string().min(1),
    tool_return: z.union([z.string(), z.array(returnPart)]),
    status: z.enum(['success', 'error']),
    stdout: optional(z.array(z.string())),
    stderr: optional(z.array(z.string())),
  }),
)

/** An element of `approvals`; without a `type` its shape decides. */
export const callAnswerSchema = z.lazy(() =>
  z.preprocess(
    withType,
    z.discriminatedUnion('type', [
      approvalReturn,
      toolReturnSchema.unwrap().extend({ type: z.literal('tool') }),
    ]),
  ),
)

function withType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if ('type' in value && value.type !== null && value.type !== undefined) return value
  return { ...value, type: 'tool_return' in value ? 'tool' : 'approval' }
}

/** An answer from its decoded form. */
export function toCallAnswer(answer: z.infer<typeof callAnswerSchema>): CallAnswer {
  if (answer.type === 'tool') return toReturnAnswer(answer)
  const { tool_call_id: callId, approve, reason } = answer
  return { kind: 'approval', callId, approve, reason: reason ?? null }
}

/** What the model reads in place of a picture that a caller's tool returned. */
const pictureText = '[The tool returned a picture. It is stored nowhere: only texts are passed on.]'

/** The return of a call that the caller ran, from its decoded form. */
export function toReturnAnswer(given: z.infer<typeof toolReturnSchema>): CallAnswer {
  const { tool_return: value, tool_call_id: callId, status, stdout, stderr } = given
  const text =
    typeof value === 'string'
      ? value
      : value.map((part) => (part.type === 'text' ? part.text : pictureText)).join('\n')
  return { kind: 'return', callId, status, text, stdout: stdout ?? null, stderr: stderr ?? null }
}

/** `ApprovalReturn` or `ToolReturn`. */
export function encodeCallAnswer(answer: CallAnswer): JsonObject {
  const { callId } = answer
  if (answer.kind === 'approval') {
    const { approve, reason } = answer
    return { type: 'approval', tool_call_id: callId, approve, reason }
  }
  const { text, status, stdout, stderr } = answer
  return { type: 'tool', tool_call_id: callId, tool_return: text, status, stdout, stderr }
}

import { AppError } from '../../errors/app-error.ts'
import type { AcceptInput, CheckedPlace } from '../contract/turn-store.ts'
import type { SqlExpression } from './sql-value.ts'

/** Finds something when the place of an input is no longer what it was checked as. */
export function selectPlaceChange(
  tenantId: string,
  { conversationId, turn }: Pick<AcceptInput, 'conversationId' | 'turn'>,
  { agent, conversation }: CheckedPlace,
): SqlExpression {
  return {
    sql: `SELECT 1 WHERE NOT EXISTS (
      SELECT 1 FROM agents a JOIN conversations c ON c.tenant_id = a.tenant_id AND c.agent_id = a.id
      WHERE a.tenant_id = ? AND a.id = ? AND c.id = ? AND a.updated_at = ? AND a.model = ?
        AND a.context_window IS NOT DISTINCT FROM ? AND c.model IS NOT DISTINCT FROM ?
        AND c.context_window IS NOT DISTINCT FROM ?)`,
    values: [
      tenantId,
      turn.agentId,
      conversationId,
      agent.updatedAt,
      agent.model,
      agent.contextWindow,
      conversation.model,
      conversation.contextWindow,
    ],
  }
}

/** The error for an input that was checked against what has changed since. */
export function placeChanged({ turn }: Pick<AcceptInput, 'turn'>): AppError {
  return new AppError(
    'place_changed',
    `Cannot accept the message: the agent ${turn.agentId} or its conversation was changed since the message was checked. Check it anew.`,
  )
}

import { defaultConversationId, identifierPattern } from '../domain/identifier.ts'
import { decodePathIdentifier } from '../wire/identifier.ts'
import { validationError } from '../wire/validation.ts'

/**
 * The conversation that a path means: an identifier, `default` with the agent given beside it, or, as the original
 * still takes it, the identifier of an agent.
 *
 * @throws AppError `validation_failed`.
 */
export function conversationOf(given: string, agentId: string | undefined): string {
  if (identifierPattern('agent').test(given)) return defaultConversationId(given)
  if (given !== 'default') return decodePathIdentifier('conversation', 'conversation_id', given)
  if (agentId !== undefined) {
    return defaultConversationId(decodePathIdentifier('agent', 'agent_id', agentId))
  }
  throw validationError([
    {
      type: 'value_error',
      location: ['path', 'conversation_id'],
      message: "Value error, agent_id is required when conversation_id is 'default'",
      input: given,
    },
  ])
}

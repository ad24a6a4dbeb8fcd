import type { Agent } from '../domain/agent.ts'
import type { Conversation } from '../domain/conversation.ts'
import type { TurnOptions } from '../domain/run.ts'

/** The handle a turn is run with: the request's, the conversation's, the agent's, in this order. */
export function chooseHandle(
  options: Partial<Pick<TurnOptions, 'overrideModel'>>,
  place: {
    readonly agent: Pick<Agent, 'model'>
    readonly conversation: Pick<Conversation, 'model'>
  },
): string {
  return options.overrideModel ?? place.conversation.model ?? place.agent.model
}

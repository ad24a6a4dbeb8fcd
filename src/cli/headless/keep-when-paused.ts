import { CliError } from '../cli-error.ts'
import type { Session } from '../session/open-session.ts'

/**
 * Stores a message to a conversation that is paused, and throws a sentence that says so: its answer would come when
 * somebody ends the pause, which nobody waits for. Does nothing when it is not paused.
 */
export async function keepWhenPaused(
  { client, agent, conversationId }: Session,
  { message, model }: { readonly message: string; readonly model: string | undefined },
): Promise<void> {
  const place = { agentId: agent.id, conversationId }
  if (!(await client.isPaused(place))) return
  const runId = await client.submitMessage({ ...place, message, model })
  throw new CliError(
    `Cannot answer now: this conversation is paused. Your message is kept as ${runId}; ` +
      `\`letta runs resume ${runId}\`, or /resume in the chat, goes on.`,
  )
}

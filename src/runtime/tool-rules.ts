import type { ToolJournalEntry } from '../domain/run.ts'
import type { JsonObject } from '../util/json.ts'

/** Whether one of the calls is of a tool that the agent's rules say ends the turn (`exit_loop`). */
export function endsTurn(
  rules: readonly JsonObject[],
  calls: readonly Pick<ToolJournalEntry, 'name'>[],
): boolean {
  const terminal = new Set(
    rules.filter((rule) => rule['type'] === 'exit_loop').map((rule) => rule['tool_name']),
  )
  return calls.some((call) => terminal.has(call.name))
}

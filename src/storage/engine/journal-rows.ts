import type { ToolJournalEntry } from '../../domain/run.ts'
import type { JournaledReturn, TurnWork } from '../contract/turn-store.ts'
import { asInteger, asJson, asOptionalText, asText, type SqlRow } from './sql-value.ts'

/** The tool calls of a step with their returns. */
export type StepJournal = Pick<TurnWork, 'toolCalls' | 'toolReturns'>

/** The columns that {@link toJournal} reads, of the table of tool calls. */
export const journalColumns = 'step_id, "index", call_id, name, arguments, state, result'

/** The journal of a step from its rows in order. */
export function toJournal(rows: readonly SqlRow[]): StepJournal {
  const toolCalls: ToolJournalEntry[] = []
  const toolReturns: (JournaledReturn | null)[] = []
  for (const [stepId, index, callId, name, argumentsText, state, result] of rows) {
    toolCalls.push({
      stepId: asText(stepId),
      index: asInteger(index),
      callId: asText(callId),
      name: asText(name),
      arguments: asText(argumentsText),
      state: toJournalState(asText(state)),
    })
    toolReturns.push(asOptionalText(result) === null ? null : asJson<JournaledReturn>(result))
  }
  return { toolCalls, toolReturns }
}

function toJournalState(state: string): ToolJournalEntry['state'] {
  return state === 'done' || state === 'started' || state === 'answered' ? state : 'intended'
}

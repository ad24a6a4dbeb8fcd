import type { AgentType } from '../domain/agent.ts'

/** What decides the tools an agent gets at its creation. */
export interface DefaultToolOptions {
  /** Whether another agent looks after its memory, so that it needs no tools to write it. Default: false. */
  readonly enableSleeptime?: boolean
}

/** The tools of agents that the SDK and the CLI create. */
export const chatToolNames: readonly string[] = [
  'core_memory_append',
  'core_memory_replace',
  'memory_rethink',
  'archival_memory_insert',
  'archival_memory_search',
  'conversation_search',
  'expand_summary',
  'remember_fact',
  'recall_facts',
  'standing_instructions',
  'timeline',
]

/**
 * The names of the base tools of an agent type, as the original server attaches them.
 *
 * Names whose tool is not part of this version (the voice tools) are left out.
 */
export function defaultToolNames(
  agentType: AgentType,
  { enableSleeptime = false }: DefaultToolOptions = {},
): readonly string[] {
  switch (agentType) {
    case 'memgpt_agent':
      return enableSleeptime
        ? sleeptimeChatTools
        : [
            'send_message',
            'conversation_search',
            'core_memory_append',
            'core_memory_replace',
            'memory',
            'memory_apply_patch',
          ]
    case 'memgpt_v2_agent':
      return enableSleeptime
        ? sleeptimeChatTools
        : ['send_message', 'conversation_search', 'memory_replace', 'memory_insert']
    case 'letta_v1_agent':
      return enableSleeptime
        ? ['conversation_search', 'archival_memory_search']
        : ['conversation_search', 'memory_replace', 'memory_insert']
    case 'sleeptime_agent':
      return ['memory_replace', 'memory_insert', 'memory_rethink', 'memory_finish_edits']
    case 'voice_convo_agent':
      return ['send_message']
    case 'voice_sleeptime_agent':
    case 'react_agent':
    case 'workflow_agent':
    case 'split_thread_agent':
      return []
  }
}

const sleeptimeChatTools: readonly string[] = [
  'send_message',
  'conversation_search',
  'archival_memory_search',
]

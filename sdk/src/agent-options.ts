import type { AgentCreateParams } from '@letta-ai/letta-client/resources/agents/agents'
import { LettaError } from './errors.ts'

/** The kinds of memory an agent can be created with. */
export const memoryTypes = ['base_memory'] as const

/** `base_memory`: the blocks `persona` (who the agent is) and `human` (whom it talks to), always in its prompt. */
export type MemoryType = (typeof memoryTypes)[number]

/** A further piece of memory that is always in the agent's prompt. */
export interface BlockOptions {
  readonly label: string
  readonly value: string
  /** What it is for, shown to the agent. */
  readonly description?: string
  /** The longest value, in Unicode code points. Default: 100,000. */
  readonly limit?: number
}

/** A new agent. */
export interface CreateAgentOptions {
  readonly name: string
  /** Default: `base_memory`. */
  readonly memoryType?: MemoryType
  /** `provider/model`, a bare name that one provider has, or `letta/auto`. Default: `letta/auto`. */
  readonly model?: string | undefined
  /** Who the agent is. Default: a helpful agent of that name. */
  readonly persona?: string | undefined
  /** What is known about the person it talks to. Default: nothing yet. */
  readonly human?: string | undefined
  /** Further blocks, in prompt order. */
  readonly blocks?: readonly BlockOptions[]
  /** Names of tools. Default: {@link chatTools}. */
  readonly tools?: readonly string[]
  /** Labels to find the agent by. */
  readonly tags?: readonly string[]
  readonly description?: string | undefined
  /** The IANA time zone in which it speaks of days and times. Default: UTC. */
  readonly timezone?: string | undefined
}

/** An agent that may be there already. */
export interface GetOrCreateAgentOptions extends CreateAgentOptions {
  /** What an agent must have in common with the options to be taken: their name, or all their tags. Default: `name`. */
  readonly by?: 'name' | 'tags'
}

/** The tools an agent has unless it names others: it edits its own memory and searches what it was told. */
export const chatTools: readonly string[] = [
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
 * The request that creates the agent.
 *
 * @throws LettaError `invalid_argument` for a blank name or an unknown kind of memory.
 */
export function toAgentRequest(options: CreateAgentOptions): AgentCreateParams {
  const memoryType: string = options.memoryType ?? 'base_memory'
  if (!memoryTypes.some((known) => known === memoryType)) {
    throw new LettaError(
      'invalid_argument',
      `Cannot create the agent: the memory type ${JSON.stringify(memoryType)} does not exist. ` +
        `Use one of: ${memoryTypes.join(', ')}.`,
    )
  }
  if (options.name.trim() === '') {
    throw new LettaError('invalid_argument', 'Cannot create the agent: its name is empty. Name it.')
  }
  return {
    name: options.name,
    agent_type: 'letta_v1_agent',
    memory_blocks: [
      { label: 'persona', value: options.persona ?? defaultPersona(options.name) },
      { label: 'human', value: options.human ?? '' },
      ...(options.blocks ?? []),
    ],
    tools: [...(options.tools ?? chatTools)],
    tags: [...(options.tags ?? [])],
    include_base_tools: false,
    model: options.model ?? 'letta/auto',
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
  }
}

function defaultPersona(name: string): string {
  return (
    `I am ${name}. I answer plainly and to the point. I keep what I learn about the person I talk to in my memory, ` +
    'look things up in it before I say that I do not know, and correct it when I am told that it is wrong.'
  )
}

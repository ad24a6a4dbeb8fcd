import { hash } from 'node:crypto'
import type { Agent } from '../domain/agent.ts'
import type { Block } from '../domain/block.ts'
import type { Fact } from '../domain/fact.ts'
import type { PromptPrefix, ShownBlock } from '../domain/conversation.ts'
import type { ModelTool } from '../llm/model.ts'
import { toolsJson } from '../llm/tools-json.ts'
import type { JsonObject } from '../util/json.ts'
import { chooseFacts, renderFacts, shownFacts } from './known-facts.ts'
import { placeMemory, renderMemoryBlocks } from './system-view.ts'

/** What a prefix is made from. */
export interface PrefixSources {
  readonly agent: Agent
  readonly conversationLabel: string
  readonly blocks: readonly Block[]
  /** What holds now of the agent's facts. */
  readonly facts: readonly Fact[]
  readonly tools: readonly ModelTool[]
  /** The handle of the model that will read it. */
  readonly model: string
  /** The agent's messages in all conversations, and its passages, at the time of building. */
  readonly messageCount: number
  readonly passageCount: number
  readonly now: number
}

/**
 * Hashes everything but memory that a prefix depends on: as long as the key stays, the stored prefix is sent again
 * byte for byte and changes of memory travel at the tail.
 */
export function prefixKey(sources: Pick<PrefixSources, 'agent' | 'tools' | 'model'>): string {
  const { agent, tools, model } = sources
  const besideTools = [model, agent.system, agent.toolRules.filter(isShown)]
  const parts = [...besideTools.map((part) => JSON.stringify(part)), toolsJson(tools)]
  return hash('sha256', `[${parts.join()}]`).slice(0, 32)
}

/** Who has to allow a call is not the model's business: such a rule may come and go without a new prefix. */
function isShown(rule: JsonObject): boolean {
  return rule['type'] !== 'requires_approval'
}

/** Builds the stable beginning of a prompt: base instructions, core memory as of now, and how memory is kept. */
export function buildPrefix(sources: PrefixSources): PromptPrefix {
  const { agent, blocks, now } = sources
  const facts = chooseFacts(sources.facts, agent.timezone)
  const memory = [renderMemoryBlocks(blocks), renderFacts(facts), renderMemoryNotes(sources)]
    .filter((section) => section !== '')
    .join('\n\n')
  return {
    key: prefixKey(sources),
    system: placeMemory(agent.system, memory),
    builtAt: now,
    shown: shownBlocks(blocks),
    shownFacts: shownFacts(facts),
  }
}

/** What a reader of `blocks` has seen of them. */
export function shownBlocks(blocks: readonly Block[]): Readonly<Record<string, ShownBlock>> {
  return Object.fromEntries(
    blocks.map((block) => [block.id, { label: block.label, version: block.version }]),
  )
}

function renderMemoryNotes(sources: PrefixSources): string {
  const { agent, conversationLabel, messageCount, passageCount } = sources
  return [
    '<memory_metadata>',
    `- AGENT_ID: ${agent.id}`,
    `- CONVERSATION_ID: ${conversationLabel}`,
    `- ${messageCount} earlier messages are stored in recall memory`,
    ...(passageCount > 0 ? [`- ${passageCount} texts are stored in archival memory`] : []),
    '- Memory blocks and facts above are as of the start of this window; a later change is shown where it happened, and the latest value counts',
    '</memory_metadata>',
  ].join('\n')
}

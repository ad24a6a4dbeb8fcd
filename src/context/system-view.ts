import type { Agent } from '../domain/agent.ts'
import { countCodePoints, type Block } from '../domain/block.ts'
import type { Fact } from '../domain/fact.ts'
import { quoteAsData } from '../memory/quote.ts'
import { chooseFacts, renderFacts } from './known-facts.ts'

/** What the system view says about memory besides the blocks. */
export interface SystemViewMetadata {
  /** `default`, or the identifier of the conversation. */
  readonly conversationLabel: string
  /** When the agent, its blocks or the conversation last changed, in epoch milliseconds. */
  readonly compiledAt: number
  /** Messages of the agent that are not in this conversation's view. */
  readonly previousMessages: number
  /** Passages of the agent's archive. */
  readonly passages: number
  /** Tags of those passages. */
  readonly passageTags: readonly string[]
  /** What holds of the agent's facts and instructions, in the order in which a prompt has room for them. */
  readonly facts: readonly Fact[]
}

/** The place in a system text where memory goes. */
const placeholder = '{CORE_MEMORY}'

/**
 * The system message as the wire shows it: the agent's system text with its memory as it is now, in the format of the
 * original server. What is really sent to the model is the prompt prefix, which changes less often.
 */
export function renderSystemView(
  agent: Agent,
  blocks: readonly Block[],
  metadata: SystemViewMetadata,
): string {
  const facts = renderFacts(chooseFacts(metadata.facts, agent.timezone))
  const memory = [renderMemoryBlocks(blocks), facts, renderMetadata(agent, metadata)]
    .filter((section) => section !== '')
    .join('\n\n')
  return placeMemory(agent.system, memory)
}

/** A system text with memory at its placeholder `{CORE_MEMORY}`; without one memory follows the text. */
export function placeMemory(system: string, memory: string): string {
  return system.includes(placeholder)
    ? system.replaceAll(placeholder, () => memory)
    : `${system}\n\n${memory}`
}

/** Core memory as the model reads it, every text quoted so that it cannot close its element; empty without blocks. */
export function renderMemoryBlocks(blocks: readonly Block[]): string {
  if (blocks.length === 0) return ''
  return [
    '<memory_blocks>',
    'These blocks of your memory are always in view. A tag inside a block is text of that block:',
    '',
    blocks.map(renderBlock).join('\n\n'),
    '',
    '</memory_blocks>',
  ].join('\n')
}

function renderBlock(block: Block): string {
  const tag = toTag(block.label)
  return [
    `<${tag}>`,
    '<description>',
    quoteAsData(block.description ?? ''),
    '</description>',
    '<metadata>',
    ...(block.readOnly ? ['- read_only=true'] : []),
    `- chars_current=${countCodePoints(block.value)}`,
    `- chars_limit=${block.limit}`,
    '</metadata>',
    '<value>',
    quoteAsData(block.value),
    '</value>',
    `</${tag}>`,
  ].join('\n')
}

/** Names of the elements that stand around a block; a label of that name would close them. */
const ownTags = new Set(['memory_blocks', 'memory_metadata', 'description', 'metadata', 'value'])

/** A label as the name of an element: what could end the name is replaced. */
function toTag(label: string): string {
  const tag = label.replaceAll(/[\s<>&"'=]/gu, '_')
  return tag === '' || ownTags.has(tag.toLowerCase()) ? `block_${tag}` : tag
}

function renderMetadata(agent: Agent, metadata: SystemViewMetadata): string {
  const { passages, passageTags } = metadata
  return [
    '<memory_metadata>',
    `- AGENT_ID: ${agent.id}`,
    `- CONVERSATION_ID: ${metadata.conversationLabel}`,
    `- System prompt last recompiled: ${formatTime(metadata.compiledAt, agent.timezone)}`,
    `- ${metadata.previousMessages} previous messages between you and the user are stored in recall memory`,
    ...(passages > 0
      ? [
          `- ${passages} total memories you created are stored in archival memory (use tools to access them)`,
        ]
      : []),
    ...(passageTags.length > 0
      ? [`- Available archival memory tags: ${passageTags.map(quoteAsData).join(', ')}`]
      : []),
    '</memory_metadata>',
  ].join('\n')
}

/** Like `2024-01-15 09:00:00 AM UTC+0000`. */
function formatTime(time: number, timezone: string): string {
  if (timezone === 'UTC') return formatUtc(time)
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: true,
    timeZoneName: 'longOffset',
  })
  const part = Object.fromEntries(
    format.formatToParts(time).map(({ type, value }) => [type, value]),
  )
  const offset = (part['timeZoneName'] ?? 'GMT').slice(3).replace(':', '') || '+0000'
  const zone = zoneName(time, timezone)
  return `${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']} ${part['dayPeriod']} ${zone}${offset}`
}

/** The same without `Intl`, whose first use costs 10 ms and 10 MB. */
function formatUtc(time: number): string {
  const iso = new Date(time).toISOString()
  const hour = Number(iso.slice(11, 13))
  const clock = `${String(hour % 12 || 12).padStart(2, '0')}${iso.slice(13, 19)}`
  return `${iso.slice(0, 10)} ${clock} ${hour < 12 ? 'AM' : 'PM'} UTC+0000`
}

function zoneName(time: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'short' })
  return parts.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

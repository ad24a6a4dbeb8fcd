import type { Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** What `letta memory` was asked. */
export interface MemoryOptions {
  readonly label: string | undefined
  readonly agent: string | undefined
  readonly json: boolean
}

/** A block as commands show it. */
export interface ShownBlock {
  readonly label: string
  readonly value: string
  readonly limit: number | null
}

/** Shows the blocks of core memory. */
export async function runMemory(context: CliContext, options: MemoryOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: options.agent })
    const all = await readBlocks(client, agent.id)
    const blocks = all.filter(({ label }) => options.label === undefined || label === options.label)
    if (blocks.length === 0 && options.label !== undefined) {
      throw new CliError(
        `Cannot show the block ${JSON.stringify(options.label)}: ${agent.name} has none of this label. ` +
          `It has: ${all.map(({ label }) => label).join(', ')}.`,
      )
    }
    if (options.json) printJson(context, blocks)
    else printLines(context, renderBlocks(blocks))
  })
}

/** An agent's blocks in prompt order. */
export async function readBlocks(client: Client, agentId: string): Promise<readonly ShownBlock[]> {
  const page = await client.letta.agents.blocks.list(agentId, { order: 'asc' })
  return page.items.map(({ label, value, limit }) => ({
    label: label ?? '',
    value,
    limit: limit ?? null,
  }))
}

/** Blocks as lines: a heading each, then the text. */
export function renderBlocks(blocks: readonly ShownBlock[]): string[] {
  return blocks.flatMap(({ label, value, limit }, index) => [
    ...(index === 0 ? [] : ['']),
    `[${label}] ${[...value].length}${limit === null ? '' : ` of ${limit}`} characters`,
    value === '' ? '(empty)' : value,
  ])
}

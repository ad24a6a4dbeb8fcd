import type { Client, MemoryLint } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines, toColumns } from './print.ts'

/** What `letta memory lint` was asked. */
export interface LintOptions {
  readonly agent: string | undefined
  /** Remove passages that repeat another one. */
  readonly fix: boolean
  readonly json: boolean
}

/** Shows what may be wrong with an agent's memory, and removes repeated passages when asked to. */
export async function lintMemory(context: CliContext, options: LintOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const { id: agentId } = await chooseAgent({ client, agent: options.agent })
    const found = await client.memory(agentId).lint()
    const removed = options.fix ? await removeRepeated(client, agentId, found) : []
    if (options.json) {
      printJson(context, { ...found, removed })
      return
    }
    printLines(context, toColumns(found.findings.map((finding) => toRow(finding))))
    context.stderr.write(`${summarise(found)}\n`)
    if (options.fix) context.stderr.write(`${tellRemoved(removed)}\n`)
  })
}

/** Removes every passage that repeats another; returns the changes that undo it. */
async function removeRepeated(
  client: Client,
  agentId: string,
  { findings }: MemoryLint,
): Promise<readonly string[]> {
  const repeated = findings.filter(
    ({ flaw, subject }) => flaw === 'duplicate' && subject === 'passage',
  )
  const changes: string[] = []
  for (const { item_id: id } of repeated) {
    await client.letta.agents.passages.delete(id, { agent_id: agentId })
    const [change] = await client.memory(agentId).history({ item: id, limit: 1 })
    if (change !== undefined) changes.push(change.id)
  }
  return changes
}

function toRow({ flaw, label, item_id: id, text, why }: MemoryLint['findings'][number]): string[] {
  return [flaw, label ?? id, toOneLine(text, 60), why]
}

function summarise({ texts, counts, findings }: MemoryLint): string {
  if (texts === 0) return 'There is nothing in memory yet.'
  if (findings.length === 0) return `${texts} texts, nothing to mend.`
  const share = (count: number): string => `${count} (${Math.round((100 * count) / texts)} %)`
  const parts = [
    `${share(counts.duplicate)} repeated`,
    `${share(counts.junk)} junk`,
    `${share(counts.stale)} stale`,
    `${share(counts.undated)} undated`,
  ]
  const full = counts.full === 0 ? '' : `; ${counts.full} blocks are full`
  return `${texts} texts: ${parts.join(', ')}${full}.`
}

function tellRemoved(changes: readonly string[]): string {
  if (changes.length === 0) return 'No passage repeats another: nothing was removed.'
  return `Removed ${changes.length} repeated passages. \`letta memory undo ${changes[0]}\` brings one back: ${changes.join(', ')}.`
}

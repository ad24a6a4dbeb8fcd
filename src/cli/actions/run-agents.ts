import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isSystemError, systemReason } from '../../errors/system-reason.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { askYesNo } from '../ask.ts'
import { defaultAgentTag, findAgent } from '../session/agents.ts'
import { localTimezone } from '../session/local-timezone.ts'
import { modelOf } from '../session/model-info.ts'
import { withClient } from '../session/open-client.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'

/** Lists all agents, newest first; the default one is marked. */
export async function listAgents(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agents = await Array.fromAsync(client.letta.agents.list({ limit: 100, order: 'desc' }))
    if (options.json) {
      printJson(context, agents)
      return
    }
    if (agents.length === 0) context.stderr.write('There are no agents yet.\n')
    const rows = agents.map((agent) => [
      agent.tags.includes(defaultAgentTag) ? '*' : ' ',
      agent.id,
      modelOf(agent),
      shortTime(agent.created_at),
      agent.name,
    ])
    printLines(context, toColumns(rows))
  })
}

/** What `letta agents create` was asked. */
export interface CreateAgentArguments {
  readonly name: string
  /** A text, or the path of a file that holds it. */
  readonly persona?: string | undefined
  readonly human?: string | undefined
  readonly model?: string | undefined
  readonly json: boolean
}

/** Creates an agent and prints its id. */
export async function createAgent(
  context: CliContext,
  options: CreateAgentArguments,
): Promise<void> {
  const persona = readTextOrFile(context.folder, options.persona)
  const human = readTextOrFile(context.folder, options.human)
  await withClient(context, async ({ client }) => {
    const { name, model } = options
    const agent = await client.createAgent({
      name,
      persona,
      human,
      model,
      timezone: localTimezone(),
    })
    if (options.json) printJson(context, agent)
    else printLines(context, [agent.id])
  })
}

/** Deletes an agent, after a question unless `yes` is given. */
export async function deleteAgent(
  context: CliContext,
  options: { readonly agent: string; readonly yes: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const agent = await findAgent(client, options.agent)
    if (!options.yes) {
      if (!context.terminal.stdin) {
        throw usageError(
          `Cannot delete ${agent.name}: there is no terminal to ask on. Add --yes to delete without a question.`,
        )
      }
      const question = `Delete ${agent.name} (${agent.id}) with its conversations and memory?`
      if (!(await askYesNo(context, question))) {
        context.stderr.write('Nothing was deleted.\n')
        return
      }
    }
    await client.letta.agents.delete(agent.id)
    context.stderr.write(`Deleted ${agent.name} (${agent.id}).\n`)
  })
}

/**
 * The content of a file when there is one of that name, else the text itself. What can only be meant as a path is never
 * taken for the text: an agent would be a person called `ada.md`. Throws a {@link CliError} then.
 */
function readTextOrFile(folder: string, value: string | undefined): string | undefined {
  if (value === undefined || value.includes('\n') || value.length > 4096) return value
  const path = resolve(folder, value)
  if (existsSync(path) && statSync(path).isFile()) return readWords(path, value)
  if (!/^\S+$/.test(value) || !/[\\/]|\.(?:md|markdown|txt)$/i.test(value)) return value
  const state = existsSync(path) ? 'it is a folder' : 'there is no such file'
  throw usageError(`Cannot read ${value}: ${state}. Check the path, or give the text itself.`)
}

function readWords(path: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).trim()
  } catch (error) {
    const state = isSystemError(error) ? systemReason(error) : 'it is no text in UTF-8'
    throw usageError(`Cannot read ${name}: ${state}. Give a text file, or the text itself.`)
  }
}

import type { Client } from '../../../sdk/src/index.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { isOffline, modelOf, offlineNotice } from '../session/model-info.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printLines, toColumns } from './print.ts'

/** What `letta model` was asked. */
export interface ModelOptions {
  /** The model to switch to; undefined = only show. */
  readonly name: string | undefined
  readonly agent: string | undefined
  /** List what can be used now. */
  readonly list: boolean
}

/** Shows, lists or switches the model. */
export async function runModel(context: CliContext, options: ModelOptions): Promise<void> {
  if (options.name?.trim() === '') {
    throw usageError('Cannot switch the model: the name is empty. See `letta model --list`.')
  }
  await withClient(context, async ({ client }) => {
    if (options.list) {
      printLines(context, await listModels(client))
      return
    }
    const agent = await chooseAgent({ client, agent: options.agent })
    if (options.name === undefined) {
      const handle = modelOf(agent)
      printLines(context, [handle])
      if (await isOffline(client, handle)) context.stderr.write(`${offlineNotice}\n`)
      return
    }
    printLines(context, [await switchModel(client, { agent, name: options.name })])
  })
}

/** Switches an agent's model and returns the sentence that says so. The name may be a bare one. */
export async function switchModel(
  client: Client,
  options: {
    readonly agent: { readonly id: string; readonly name: string }
    readonly name: string
  },
): Promise<string> {
  const updated = await client.letta.agents.update(options.agent.id, { model: options.name })
  return `${options.agent.name} now uses ${modelOf(updated)}.`
}

async function listModels(client: Client): Promise<string[]> {
  const models = await client.letta.models.list()
  return toColumns(
    models.map((model) => [model.handle ?? model.name, `${model.max_context_window} tokens`]),
  )
}

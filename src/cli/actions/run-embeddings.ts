import type { Client } from '../../../sdk/src/index.ts'
import type { CliContext } from '../context.ts'
import { describeEmbedding } from '../describe-embedding.ts'
import { requireServer } from '../server/require-server.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** Says how far the vectors of each model are. */
export async function listEmbeddings(
  context: CliContext,
  { json }: { readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const models = await client.embeddingProgress()
    if (json) {
      printJson(context, models)
      return
    }
    printLines(context, models.map(describeEmbedding))
    if (models.length === 0) {
      context.stderr.write(
        'No agent or archive names a model: search is by words. `letta embeddings use` names one.\n',
      )
    }
  })
}

/** Sets the model of an agent, `none` takes it away; then sees to it that a server runs, which makes the vectors. */
export async function useEmbedding(
  context: CliContext,
  { model, agent: wanted }: { readonly model: string; readonly agent: string | undefined },
): Promise<void> {
  const isNamed = model !== 'none'
  await withClient(context, async ({ client }) => {
    const agent = await chooseAgent({ client, agent: wanted })
    await client.letta.agents.update(agent.id, { embedding: model })
    if (isNamed) await tellProgress(context, client, model)
    else context.stderr.write(`${agent.name} is searched by words.\n`)
  })
  if (isNamed) await requireServer(context)
}

/** Removes all vectors of a model; then sees to it that a server runs, which makes them anew. */
export async function rebuildEmbeddings(
  context: CliContext,
  { model }: { readonly model: string },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const removed = await client.rebuildEmbeddings({ model })
    context.stderr.write(`Removed ${removed} vectors of ${model}.\n`)
    await tellProgress(context, client, model)
  })
  await requireServer(context)
}

async function tellProgress(context: CliContext, client: Client, model: string): Promise<void> {
  const models = await client.embeddingProgress()
  const own = models.filter((each) => each.model === model)
  printLines(context, own.map(describeEmbedding))
}

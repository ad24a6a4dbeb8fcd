import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta embeddings`: by which model an agent's texts are found by meaning, and how far their vectors are. */
export function createEmbeddingsCommand(context: CliContext): CommandUnknownOpts {
  return new Command('embeddings')
    .description(
      'Choose the model by which texts are found by meaning, beside their words, and see how far their vectors are.',
    )
    .addCommand(createList(context))
    .addCommand(createUse(context))
    .addCommand(createRebuild(context))
    .addHelpText(
      'after',
      examples([
        ['letta embeddings use openai/text-embedding-3-small', 'a server makes the vectors'],
        ['letta embeddings list', 'how many texts have theirs'],
      ]),
    )
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description(
      'Say for each model that an agent or archive names how many texts have vectors of it, and what keeps the others.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta embeddings list', 'how far they are']]))
    .action(async ({ json = false }) => {
      const { listEmbeddings } = await import('../actions/run-embeddings.ts')
      await listEmbeddings(context, { json })
    })
}

function createUse(context: CliContext): CommandUnknownOpts {
  return new Command('use')
    .description(
      "Set the embedding model of an agent and its archive. Vectors of another one stay, so that one can go back; `none` leaves search to words. New agents get LETTA_DEFAULT_EMBEDDING_HANDLE's.",
    )
    .argument('<model>', 'the model, as provider/model, or none')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .addHelpText(
      'after',
      examples([
        ['letta embeddings use openai/text-embedding-3-small', 'by a key for OpenAI'],
        ['letta embeddings use vllm/bge-m3 --agent Ada', 'by the endpoint of VLLM_API_BASE'],
        ['letta embeddings use none', 'by words alone'],
      ]),
    )
    .action(async (model, { agent }) => {
      const { useEmbedding } = await import('../actions/run-embeddings.ts')
      await useEmbedding(context, { model, agent })
    })
}

function createRebuild(context: CliContext): CommandUnknownOpts {
  return new Command('rebuild')
    .description(
      'Remove all vectors of a model, for all agents, and have them made anew where it is still named: when its endpoint makes others than before.',
    )
    .argument('<model>', 'the model, as provider/model')
    .addHelpText(
      'after',
      examples([['letta embeddings rebuild vllm/bge-m3', 'search is by words meanwhile']]),
    )
    .action(async (model) => {
      const { rebuildEmbeddings } = await import('../actions/run-embeddings.ts')
      await rebuildEmbeddings(context, { model })
    })
}

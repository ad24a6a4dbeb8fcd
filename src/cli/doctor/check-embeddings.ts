import type { Client } from '../../../sdk/src/index.ts'
import { CliError } from '../cli-error.ts'
import { describeEmbedding } from '../describe-embedding.ts'

/**
 * How far the vectors of each embedding model are, in a sentence.
 *
 * @throws CliError when an endpoint does not make them.
 */
export async function checkEmbeddings(client: Client): Promise<string> {
  const models = await client.embeddingProgress()
  if (models.length === 0) return 'no agent or archive names a model: search is by words'
  const text = models.map(describeEmbedding).join('; ')
  if (models.some(({ problem }) => problem !== null)) throw new CliError(text)
  return text
}

import { createClient, type Client } from '../../../sdk/src/index.ts'
import { loadSettings, type Settings } from '../../config/load-settings.ts'
import type { CliContext } from '../context.ts'
import { requireLetta } from './health.ts'

/** A client with the settings it was made from. */
export interface OpenClient {
  readonly client: Client
  readonly settings: Settings
}

/** The client of a command: the server that is set or found, else the product in this process. */
export function openClient(context: CliContext): OpenClient {
  const settings = loadSettings(context.environment)
  const client = createClient({
    home: settings.home,
    baseUrl: settings.baseUrl ?? undefined,
    apiKey: settings.apiKey ?? undefined,
    openEmbedded: context.product.openEmbedded,
  })
  return { client, settings }
}

/** Runs a command's work with a client and closes it afterwards. */
export async function withClient<Result>(
  context: CliContext,
  work: (open: OpenClient) => Promise<Result>,
): Promise<Result> {
  const open = openClient(context)
  const { baseUrl } = open.settings
  try {
    if (baseUrl !== null) await requireLetta(open.client, baseUrl)
    return await work(open)
  } finally {
    await open.client.close()
  }
}

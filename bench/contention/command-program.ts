// A process that talks to agents as `letta -p` does: the product in its own process, through the SDK. Operations of its
// store that write are timed on the way. It prints one record a line.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { OpenEmbedded } from '../../sdk/src/index.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import type { Tell } from './record.ts'
import { speak } from './speak.ts'
import { timeWrites } from './time-writes.ts'

type Product = typeof import('../../src/index.ts')
type Sdk = typeof import('../../sdk/src/index.ts')

const { values } = parseArgs({
  options: {
    program: { type: 'string', default: '' },
    conversations: { type: 'string', default: '' },
    until: { type: 'string', default: '0' },
  },
})
const tell: Tell = (record) => void process.stdout.write(`${JSON.stringify(record)}\n`)
const silent = { debug: drop, info: drop, warn: drop, error: drop }
const product = (await import(bundle('index.js'))) as Product
const sdk = (await import(bundle('sdk.js'))) as Sdk

const conversationIds = values.conversations.split(',')
const client = sdk.createClient({ mode: 'embedded', openEmbedded })
const connection = await client.connect()
tell({ type: 'ready' })
for (const conversationId of conversationIds) await client.recover({ conversationId })
await speak({ send: connection.fetch, conversationIds, tell, until: Number(values.until) })
await client.close()

function bundle(name: string): string {
  return pathToFileURL(join(values.program, 'dist', name)).href
}

/** What the product's own `openEmbedded` does, but with a store that is timed. */
async function openEmbedded({
  home,
}: Parameters<OpenEmbedded>[0]): Promise<Awaited<ReturnType<OpenEmbedded>>> {
  const settings = product.loadSettings(process.env, { home })
  const store = await product.openStore({ location: settings.home, host: 'inline' })
  const app = product.createApp({
    store: timeWrites(store, (operation, ms) => tell({ type: 'commit', operation, ms })),
    models: {
      providers: settings.providers,
      defaultModel: settings.defaultModel,
      routes: settings.modelRoutes,
    },
    secretKey: Buffer.from(settings.secretKey ?? '', 'hex'),
    logger: silent,
    version: product.version,
  })
  const server = product.createServer(app, { access: 'in-process' })
  return {
    fetch: async (request) => server.fetch(request),
    dataPath: settings.home,
    recover: ({ conversationId }) => app.runtime.recover(defaultScope, { conversationId }),
    close: () => app.close(),
  }
}

function drop(): void {
  return undefined
}

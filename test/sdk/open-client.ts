import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createClient,
  type Client,
  type StreamEvent,
  type UserMessageResponse,
} from '../../sdk/src/index.ts'
import { createServer } from '../../src/server/create-server.ts'
import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../src/testing/create-test-app.ts'

/** A client of a product in this process, and the product. */
export interface TestClient extends AsyncDisposable {
  readonly client: Client
  readonly product: TestApp
}

/** Opens a product with a scripted model, and a client of it. */
export async function openClient(options: TestAppOptions): Promise<TestClient> {
  const product = await createTestApp(options)
  const server = createServer(product.app, { access: 'in-process' })
  const client = createClient({
    home: mkdtempSync(join(tmpdir(), 'letta-sdk-')),
    openEmbedded: async () => ({
      dataPath: '/data',
      fetch: async (request) => await server.fetch(request),
      recover: async () => 0,
      close: async () => undefined,
    }),
  })
  return {
    client,
    product,
    async [Symbol.asyncDispose]() {
      await client.close()
      await product[Symbol.asyncDispose]()
    },
  }
}

/** What a stream of events ends with. */
export async function endOf(events: AsyncIterable<StreamEvent>): Promise<UserMessageResponse> {
  let response: UserMessageResponse | null = null
  for await (const event of events) if (event.type === 'end') ({ response } = event)
  if (response === null) throw new Error('the stream had no end')
  return response
}

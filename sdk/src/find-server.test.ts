import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findServer } from './find-server.ts'
import { renderServerFile, type ServerFile, serverFilePath } from './server-file.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A data folder with the file of a server that reports `instanceId`; null = it never answers. */
async function createFolder(
  instanceId: string | null,
  patch: Partial<ServerFile> = {},
): Promise<string> {
  const server = createServer((_request, response) => {
    if (instanceId === null) return
    response.end(JSON.stringify({ status: 'ok', instance_id: instanceId }))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const file = {
    url: `http://127.0.0.1:${port}`,
    pid: process.pid,
    instanceId: 'one',
    version: '1.0.0',
    token: 'secret',
    ...patch,
  }
  const dataFolder = mkdtempSync(join(tmpdir(), 'letta-find-'))
  writeFileSync(serverFilePath(dataFolder), renderServerFile(file))
  return dataFolder
}

function find(dataFolder: string, version = '1.0.0'): ReturnType<typeof findServer> {
  return findServer({ dataFolder, version, fetch: globalThis.fetch })
}

test('findServer() finds the server whose instance id is the one of its file', async () => {
  const dataFolder = await createFolder('one')
  expect(await find(dataFolder)).toMatchObject({ instanceId: 'one', token: 'secret' })
})

test('findServer() ignores another server on the port of a left-over file', async () => {
  expect(await find(await createFolder('two'))).toBeNull()
})

test('findServer() ignores a server that does not answer in time', async () => {
  expect(await find(await createFolder(null))).toBeNull()
})

test('findServer() ignores an address where nobody listens', async () => {
  expect(await find(await createFolder('one', { url: 'http://127.0.0.1:1' }))).toBeNull()
})

test('findServer() stops at a server of another version and says so', async () => {
  const dataFolder = await createFolder('one')
  await expect(find(dataFolder, '2.0.0')).rejects.toMatchObject({
    code: 'server_version_differs',
    message: expect.stringContaining('it runs version 1.0.0 and this is 2.0.0'),
  })
})

test.each([['not json'], ['{}'], ['{"url":"x"}'], ['null']])(
  'findServer() ignores a file that holds %s',
  async (content) => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'letta-find-'))
    writeFileSync(serverFilePath(dataFolder), content)
    expect(await find(dataFolder)).toBeNull()
  },
)

test('findServer() finds nothing in a folder that does not exist', async () => {
  expect(await find(join(tmpdir(), 'letta-find-absent'))).toBeNull()
})

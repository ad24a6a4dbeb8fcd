import { createServer, type Socket } from 'node:net'

/** What a {@link FakePostgres} does with those who connect. */
export interface FakePostgresOptions {
  /** What it says of itself, by the name of the parameter. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The error after the password was sent, with its code; without it everybody comes in. */
  readonly refusal?: { readonly code: string; readonly message: string }
  /** The one row that every query gets. */
  readonly row?: Readonly<Record<string, string>>
}

/** A server that speaks as much of PostgreSQL's protocol as a connection attempt needs. */
export interface FakePostgres extends AsyncDisposable {
  readonly port: number
}

const tlsRequest = 80_877_103
const textType = 25

/** Starts a {@link FakePostgres} on a free port of the loopback address. */
export async function startFakePostgres(options: FakePostgresOptions): Promise<FakePostgres> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    converse(socket, options)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers each message of a client in order. The first has no letter; the others do. */
function converse(socket: Socket, options: FakePostgresOptions): void {
  let pending = Buffer.alloc(0)
  let isStarted = false
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, Buffer.from(data)])
    for (;;) {
      const head = isStarted ? 1 : 0
      if (pending.length < head + 4) return
      const length = head + pending.readUInt32BE(head)
      if (pending.length < length) return
      const message = pending.subarray(0, length)
      pending = pending.subarray(length)
      if (isStarted) answer(socket, String.fromCharCode(message[0] ?? 0), options)
      else if (message.readUInt32BE(4) === tlsRequest) socket.write('N')
      else {
        isStarted = true
        socket.write(options.refusal === undefined ? welcome(options) : send('R', number(3)))
      }
    }
  })
}

function answer(socket: Socket, letter: string, options: FakePostgresOptions): void {
  const { refusal, row = {} } = options
  if (letter === 'p' && refusal !== undefined) {
    const fields = `SFATAL\0VFATAL\0C${refusal.code}\0M${refusal.message}\0\0`
    socket.end(send('E', Buffer.from(fields)))
  } else if (letter === 'Q') {
    socket.write(Buffer.concat([describe(row), fill(row), send('C', text('SELECT 1')), ready]))
  } else if (letter === 'X') {
    socket.end()
  }
}

const ready = send('Z', Buffer.from('I'))

function welcome({ parameters = {} }: FakePostgresOptions): Buffer {
  const said = Object.entries(parameters).map(([name, value]) =>
    send('S', Buffer.concat([text(name), text(value)])),
  )
  return Buffer.concat([send('R', number(0)), ...said, ready])
}

function describe(row: Readonly<Record<string, string>>): Buffer {
  const columns = Object.keys(row).map((name) =>
    Buffer.concat([
      text(name),
      number(0),
      short(0),
      number(textType),
      short(-1),
      number(-1),
      short(0),
    ]),
  )
  return send('T', Buffer.concat([short(columns.length), ...columns]))
}

function fill(row: Readonly<Record<string, string>>): Buffer {
  const values = Object.values(row).map((value) => {
    const bytes = Buffer.from(value)
    return Buffer.concat([number(bytes.length), bytes])
  })
  return send('D', Buffer.concat([short(values.length), ...values]))
}

function send(letter: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(letter), number(body.length + 4), body])
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

function number(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function short(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

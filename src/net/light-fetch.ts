import { type HeadersSource, LightHeaders } from './light-headers.ts'

type Source = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null

/** What requests and responses have in common. A text stays one until somebody wants a stream. */
class LightBody {
  readonly headers: LightHeaders
  readonly #source: Source
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = null
  #isRead = false

  constructor(source: unknown, headers: HeadersSource) {
    this.headers = new LightHeaders(headers)
    this.#source = toSource(source)
    if (typeof source === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/plain;charset=UTF-8')
    }
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const source = this.#source
    if (source === null) return null
    this.#stream ??= source instanceof ReadableStream ? source : streamOf(toBytes(source))
    return this.#stream
  }

  get bodyUsed(): boolean {
    return this.#isRead
  }

  async text(): Promise<string> {
    const content = await this.#read()
    // As the standard has it, without a mark of the byte order.
    return typeof content === 'string' ? content : new TextDecoder().decode(content)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return toBytes(await this.#read())
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer, byteOffset, byteLength } = await this.bytes()
    return buffer.slice(byteOffset, byteOffset + byteLength)
  }

  async #read(): Promise<string | Uint8Array<ArrayBuffer>> {
    if (this.#isRead || this.#stream?.locked === true) {
      throw new TypeError('Body is unusable: Body has already been read')
    }
    this.#isRead = this.#source !== null
    if (this.#stream !== null) return collect(this.#stream)
    if (this.#source instanceof ReadableStream) return collect(this.#source)
    return this.#source ?? ''
  }
}

class LightRequest extends LightBody {
  readonly url: string
  readonly method: string
  #signal: AbortSignal | null

  constructor(input: string | URL, init: RequestInit = {}) {
    super(init.body, init.headers)
    this.url = new URL(input).href
    this.method = (init.method ?? 'GET').toUpperCase()
    this.#signal = init.signal ?? null
  }

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal)
  }
}

class LightResponse extends LightBody {
  readonly status: number
  readonly statusText: string
  readonly type = 'default'
  readonly url = ''
  readonly redirected = false

  constructor(body?: unknown, init: ResponseInit = {}) {
    super(body, init.headers)
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  static json(data: unknown, init: ResponseInit = {}): LightResponse {
    const headers = new LightHeaders(init.headers)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new LightResponse(JSON.stringify(data), { ...init, headers: [...headers] })
  }
}

/** Node's own, when somebody makes one; whether something is one is told without it. */
class LazyFormData {
  constructor() {
    return new globalThis.FormData() as never
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.toString.call(value) === '[object FormData]'
  }
}

/**
 * What requests need that stay in one process: `Headers`, `Request`, `Response` and `FormData` of the Fetch standard, as far as
 * the product, its router and the official client use them.
 *
 * Node loads its HTTP client with the first use of one of its own, 80 ms of processor time and 17 MB on a slow machine. An answer
 * without a network needs nothing of it. Node's own `fetch` takes these headers as it takes any list of pairs.
 */
export const lightFetch = {
  Headers: LightHeaders,
  Request: LightRequest,
  Response: LightResponse,
  FormData: LazyFormData,
}

function toSource(value: unknown): Source {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || value instanceof ReadableStream) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
  }
  throw new TypeError('A body within a process is a text, bytes or a stream')
}

function toBytes(content: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes)
      controller.close()
    },
  })
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Uint8Array.from(Buffer.concat(chunks))
}

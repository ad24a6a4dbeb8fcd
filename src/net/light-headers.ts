const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const refusedInValue = /[^\t\x20-\x7e\x80-\xff]/

/** What a list of headers may be made from. */
export type HeadersSource =
  | Iterable<readonly [name: string, value: string]>
  | ConstructorParameters<typeof Headers>[0]
  | null

/** `Headers` of the Fetch standard, but for `getSetCookie()`. Throws `TypeError` for what cannot be sent. */
export class LightHeaders {
  readonly #values = new Map<string, string>()

  constructor(source?: HeadersSource) {
    if (source === null || source === undefined) return
    for (const [name = '', value = ''] of pairsOf(source)) this.append(name, value)
  }

  append(name: string, value: string): void {
    const before = this.get(name)
    this.set(name, before === null ? value : `${before}, ${toValue(name, value)}`)
  }

  set(name: string, value: string): void {
    this.#values.set(toName(name), toValue(name, value))
  }

  get(name: string): string | null {
    return this.#values.get(toName(name)) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(toName(name))
  }

  delete(name: string): void {
    this.#values.delete(toName(name))
  }

  forEach(visit: (value: string, name: string, headers: this) => void): void {
    for (const [name, value] of this) visit(value, name, this)
  }

  keys(): IteratorObject<string> {
    return this.entries().map(([name]) => name)
  }

  values(): IteratorObject<string> {
    return this.entries().map(([, value]) => value)
  }

  entries(): IteratorObject<[name: string, value: string]> {
    return [...this.#values].toSorted(([one], [other]) => (one < other ? -1 : 1)).values()
  }

  [Symbol.iterator](): IteratorObject<[name: string, value: string]> {
    return this.entries()
  }
}

function pairsOf(source: NonNullable<HeadersSource>): Iterable<readonly string[]> {
  return Symbol.iterator in source
    ? (source as Iterable<readonly string[]>)
    : Object.entries(source as Record<string, string>)
}

function toName(name: string): string {
  if (!token.test(name)) throw new TypeError(`${name} is an invalid header name.`)
  return name.toLowerCase()
}

function toValue(name: string, value: unknown): string {
  const text = String(value).replaceAll(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (refusedInValue.test(text)) throw new TypeError(`The header ${name} has an invalid value.`)
  return text
}

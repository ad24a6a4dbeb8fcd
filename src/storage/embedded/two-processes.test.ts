import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { openStore } from '../open-store.ts'

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url))

let folder: TemporaryFolder
let started: ChildProcessWithoutNullStreams[] = []

beforeEach(async () => {
  folder = await createTemporaryFolder()
})

afterEach(async () => {
  // A test that broke off leaves them writing.
  for (const child of started) child.kill('SIGKILL')
  started = []
  await folder.remove()
})

/** A process that writes, with what it was told is stored. */
class Writer {
  readonly acknowledged: string[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = []
  #scope: TenantScope | null = null

  constructor(host: string) {
    this.#child = spawn(process.execPath, [program, folder.path, host])
    started.push(this.#child)
    createInterface(this.#child.stdout).on('line', (line) => this.#read(line))
  }

  get scope(): TenantScope {
    if (this.#scope === null) throw new Error('The process has not begun')
    return this.#scope
  }

  /** Waits until so many writes were acknowledged. */
  async reached(count: number): Promise<void> {
    if (this.acknowledged.length >= count) return
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }))
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async finish(): Promise<unknown> {
    this.#child.stdin.end()
    const [code] = await once(this.#child, 'exit')
    return code
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.#scope = JSON.parse(line) as TenantScope
    else this.acknowledged.push(line)
    for (const { count, resolve } of this.#waiting) {
      if (this.acknowledged.length >= count) resolve()
    }
  }
}

/** Whether the slower one makes a fifteenth of the writes that the faster one makes from now on. */
async function areBothWriting(writers: readonly Writer[], writes: number): Promise<boolean> {
  const before = writers.map(({ acknowledged }) => acknowledged.length)
  await Promise.race(writers.map((writer, index) => writer.reached((before[index] ?? 0) + writes)))
  const made = writers.map(({ acknowledged }, index) => acknowledged.length - (before[index] ?? 0))
  return Math.min(...made) >= writes / 15
}

describe('two processes on one data folder', () => {
  it('both get to write, and lose nothing that was acknowledged when one is killed', async () => {
    const writers = [new Writer('inline'), new Writer('worker')]
    await Promise.all(writers.map((writer) => writer.reached(1)))
    // On a machine with more to do than it can one of them may not run at all for as long as the shorter time.
    const isShared = (await areBothWriting(writers, 150)) || (await areBothWriting(writers, 1500))
    expect(isShared).toBe(true)

    const [first, second] = writers
    await second?.kill()
    await first?.reached(first.acknowledged.length + 20)
    expect(await first?.finish()).toBe(0)

    const store = await openStore({ location: folder.path })
    for (const { scope, acknowledged } of writers) {
      const page = { limit: 1_000_000, order: 'asc' } as const
      const stored = await store.listBlocks(scope, { filter: {}, page })
      const ids = new Set(stored.map(({ id }) => id))
      expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
    }
    await store.close()
  })
})

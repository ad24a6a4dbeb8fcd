import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { systemReason } from '../../errors/system-reason.ts'
import { CliError } from '../cli-error.ts'

/** A file to be read, or standard input. */
export interface TextFile {
  /** As the user wrote it, with what lies below a folder; `stdin` for standard input. */
  readonly path: string
  /** Null for standard input. */
  readonly location: string | null
  /** When it was changed; absent for standard input. */
  readonly changedAt: string | undefined
}

/** The largest file that is read, in bytes. */
const largestFile = 64 << 20

/**
 * Whether a file is a database of ours or its log, which are not opened: closing one gives up the locks that this process
 * has on it.
 */
export function isDatabaseFile(location: string): boolean {
  return /(?:^|[\\/])letta\.db(?:-\w+)?$/.test(location)
}

/** Files of the paths, those of folders in order of their names, without hidden ones; and what is wrong with the others. */
export function findTexts(
  paths: readonly string[],
  folder: string,
): { readonly files: readonly TextFile[]; readonly problems: readonly string[] } {
  const files: TextFile[] = []
  const problems: string[] = []
  for (const path of paths) {
    if (path === '-') {
      files.push({ path: 'stdin', location: null, changedAt: undefined })
      continue
    }
    if (path.trim() === '') {
      problems.push('Cannot read "": the path is empty. Name a file or a folder; . is this one.')
      continue
    }
    try {
      files.push(...filesOf(path, resolve(folder, path)))
    } catch (error) {
      problems.push(`Cannot read ${path}: ${systemReason(error)}. Check the path.`)
    }
  }
  return { files, problems }
}

function filesOf(path: string, location: string): readonly TextFile[] {
  const stats = statSync(location)
  if (!stats.isDirectory()) return [{ path, location, changedAt: stats.mtime.toISOString() }]
  return readdirSync(location, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .flatMap(({ name }) => filesOf(join(path, name), join(location, name)))
}

/** The text of a file. Throws `CliError` for what is too large, empty or no text. */
export async function readText(file: TextFile, stdin: Readable): Promise<string> {
  const bytes = file.location === null ? await readAll(stdin) : readBytes(file.path, file.location)
  if (bytes.subarray(0, 8192).includes(0)) throw notText(file.path)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.trim() !== '') return text
  } catch {
    throw notText(file.path)
  }
  throw new CliError(`Cannot add ${file.path}: it is empty. Leave it out.`)
}

function readBytes(path: string, location: string): Buffer {
  if (isDatabaseFile(location)) throw notText(path)
  try {
    const { size } = statSync(location)
    if (size <= largestFile) return readFileSync(location)
  } catch (error) {
    throw new CliError(`Cannot read ${path}: ${systemReason(error)}. Check that you may read it.`)
  }
  throw new CliError(`Cannot add ${path}: it has more than 64 MB. Split it.`)
}

async function readAll(stdin: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array | string))
  return Buffer.concat(chunks)
}

function notText(path: string): CliError {
  return new CliError(
    `Cannot add ${path}: it is no text in UTF-8. Convert it to text first, for instance with pdftotext or iconv.`,
  )
}

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { isErrorCode } from '../../config/platform.ts'
import { foldText } from '../../util/fold-text.ts'

/** How much of a file is looked at at once, in bytes. */
const chunkSize = 1 << 20

/** A log that is longer is emptied instead of being read line by line, in bytes. */
const longestLog = 64 << 20

/** What texts are found by, as they are and as JSON text writes them, within a string and within another one. */
export interface Needles {
  /** In bytes that {@link foldBytes} read: the texts with small letters, with capitals, and with accents either way. */
  readonly bytes: readonly string[]
  /** In a line of a log that {@link foldText} read, however it was written. */
  readonly folded: readonly string[]
}

/** Makes what texts are found by. */
export function toNeedles(texts: readonly string[]): Needles {
  const spellings = texts.flatMap((text) =>
    [text, text.toLowerCase(), text.toUpperCase(), foldText(text).text].flatMap((each) => [
      each,
      each.normalize('NFC'),
      each.normalize('NFD'),
    ]),
  )
  return {
    bytes: distinct(inJson(spellings).map((form) => foldBytes(Buffer.from(form)))),
    folded: distinct(inJson(texts).map((form) => foldText(form).text)),
  }
}

function inJson(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].flatMap((text) => {
    const once = JSON.stringify(text).slice(1, -1)
    return [text, once, JSON.stringify(once).slice(1, -1)]
  })
}

function distinct(forms: readonly string[]): readonly string[] {
  return [...new Set(forms)].filter((form) => form !== '')
}

/** Bytes as a text of as many signs, its letters small: what differs in capitals only is the same then. */
function foldBytes(bytes: Buffer): string {
  return bytes.toString('latin1').toLowerCase()
}

/** Whether a file holds one of the needles; a file that is gone holds none. */
export function holdsAny(file: string, { bytes: needles }: Needles): boolean {
  if (needles.length === 0) return false
  const overlap = Math.max(...needles.map(({ length }) => length)) - 1
  const descriptor = open(file, 'r')
  if (descriptor === null) return false
  try {
    const buffer = Buffer.alloc(overlap + chunkSize)
    let kept = 0
    for (;;) {
      const read = readSync(descriptor, buffer, kept, chunkSize, null)
      if (read === 0) return false
      const piece = buffer.subarray(0, kept + read)
      const text = foldBytes(piece)
      if (needles.some((needle) => text.includes(needle))) return true
      kept = Math.min(overlap, piece.length)
      buffer.copyWithin(0, piece.length - kept, piece.length)
    }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Removes the lines of a log that hold one of the needles; all lines when they are null. The file stays the same one,
 * so that a process that writes to it goes on. Returns how many lines went.
 */
export function cleanLog(file: string, needles: Needles | null): number {
  const descriptor = open(file, 'r+')
  if (descriptor === null) return 0
  try {
    const { size } = fstatSync(descriptor)
    if (size === 0) return 0
    const lines = readFileSync(descriptor, 'latin1').split(/(?<=\n)/)
    const isKept = (line: string): boolean => needles !== null && !holdsLine(line, needles)
    const kept = size > longestLog ? [] : lines.filter(isKept)
    if (kept.length === lines.length) return 0
    ftruncateSync(descriptor, 0)
    writeSync(descriptor, Buffer.from(kept.join(''), 'latin1'), 0, null, 0)
    return lines.length - kept.length
  } finally {
    closeSync(descriptor)
  }
}

/** Whether a line, read byte by byte, holds one of the needles. */
function holdsLine(line: string, { bytes, folded }: Needles): boolean {
  const small = line.toLowerCase()
  if (bytes.some((needle) => small.includes(needle))) return true
  const { text } = foldText(Buffer.from(line, 'latin1').toString())
  return folded.some((needle) => text.includes(needle))
}

function open(file: string, mode: 'r' | 'r+'): number | null {
  try {
    return openSync(file, mode)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
}

import { AppError } from '../../errors/app-error.ts'

/** One change of lines: what stands there now, and what shall stand there. */
export interface PatchHunk {
  /** Context and removed lines; empty = the new lines go to the end. */
  readonly before: readonly string[]
  /** Context and added lines. */
  readonly after: readonly string[]
}

/** What a patch does with one block. */
export type PatchAction =
  | {
      readonly kind: 'add'
      readonly label: string
      readonly description: string
      readonly value: string
    }
  | { readonly kind: 'delete'; readonly label: string }
  | {
      readonly kind: 'update'
      readonly label: string
      readonly moveTo: string | null
      readonly hunks: readonly PatchHunk[]
    }

const header = /^\*\*\* (Add Block|Delete Block|Update Block|Move to): ?(.*)$/
/** Lines that frame a patch and mean nothing. */
const frame = /^\*\*\* (?:Begin Patch|End Patch|End of File)\s*$/

/**
 * Reads a patch: hunks for `label`, or sections that begin with `*** Add Block: …`, `*** Update Block: …` (with
 * `*** Move to: …`) or `*** Delete Block: …`. Line numbers in `@@` lines are ignored.
 *
 * @throws AppError `invalid_argument`, which names the line.
 */
export function parsePatch(label: string, patch: string): readonly PatchAction[] {
  const lines = patch.replaceAll('\r\n', '\n').split('\n')
  const sections = toSections(label, lines)
  const actions = sections.map(toAction)
  if (actions.length > 0) return actions
  throw unreadable('it changes nothing', 'Give lines that begin with "-" or "+".')
}

interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

interface Section {
  readonly kind: 'Add Block' | 'Delete Block' | 'Update Block'
  readonly label: string
  moveTo: string | null
  readonly lines: Line[]
}

function toSections(label: string, lines: readonly string[]): readonly Section[] {
  const sections: Section[] = []
  for (const [index, text] of lines.entries()) {
    const match = header.exec(text)
    const current = sections.at(-1)
    if (match !== null) readHeader(sections, match, index + 1)
    else if (frame.test(text)) continue
    else if (current !== undefined) current.lines.push({ number: index + 1, text })
    else if (text !== '') {
      const lines: Line[] = [{ number: index + 1, text }]
      sections.push({ kind: 'Update Block', label, moveTo: null, lines })
    }
  }
  return sections
}

function readHeader(sections: Section[], match: RegExpExecArray, number: number): void {
  const kind = match[1] as Section['kind'] | 'Move to'
  const name = (match[2] ?? '').trim()
  if (name === '') throw unreadable(`line ${number} names no block`, 'Put a label after the colon.')
  if (kind !== 'Move to') {
    sections.push({ kind, label: name, moveTo: null, lines: [] })
    return
  }
  const current = sections.at(-1)
  if (current === undefined || current.kind !== 'Update Block') {
    throw unreadable(
      `line ${number} moves no block`,
      'Put "*** Move to:" below the "*** Update Block:" it belongs to.',
    )
  }
  current.moveTo = name
}

function toAction(section: Section): PatchAction {
  const { label } = section
  const lines = withoutBlankEnd(section.lines)
  if (section.kind === 'Add Block') return toAddition(label, lines)
  if (section.kind === 'Delete Block') {
    if (lines.length === 0) return { kind: 'delete', label }
    throw unreadable(`line ${lines[0]?.number} belongs to a deletion`, 'A deletion has no lines.')
  }
  const hunks = toHunks(lines)
  if (hunks.length === 0 && section.moveTo === null) {
    throw unreadable(
      `it changes nothing in ${JSON.stringify(label)}`,
      'Give lines that begin with "-" or "+".',
    )
  }
  return { kind: 'update', label, moveTo: section.moveTo, hunks }
}

function withoutBlankEnd(lines: readonly Line[]): readonly Line[] {
  return lines.slice(0, lines.findLastIndex(({ text }) => text !== '') + 1)
}

function toAddition(label: string, lines: readonly Line[]): PatchAction {
  const described = /^Description: ?(.*)$/.exec(lines[0]?.text ?? '')
  const rest = described === null ? lines : lines.slice(1)
  const value = rest.map(({ number, text }) => {
    if (text.startsWith('+')) return text.slice(1)
    throw unreadable(`line ${number} of a new block does not begin with "+"`, 'Begin it with "+".')
  })
  return { kind: 'add', label, description: described?.[1] ?? '', value: value.join('\n') }
}

function toHunks(lines: readonly Line[]): readonly PatchHunk[] {
  const hunks: { before: string[]; after: string[] }[] = []
  let isOpen = false
  for (const [index, line] of lines.entries()) {
    if (line.text.startsWith('@@')) isOpen = false
    else if (!(hunks.length === 0 && isFileName(lines, index))) {
      if (!isOpen) hunks.push({ before: [], after: [] })
      isOpen = true
      addLine(hunks.at(-1), line)
    }
  }
  return hunks
}

/** `--- a` followed by `+++ b` before the first hunk are the names of files; anywhere else they are lines. */
function isFileName(lines: readonly Line[], index: number): boolean {
  const [before, text, after] = [index - 1, index, index + 1].map((at) => lines[at]?.text ?? '')
  const isOld = text?.startsWith('--- ') === true && after?.startsWith('+++ ') === true
  return isOld || (text?.startsWith('+++ ') === true && before?.startsWith('--- ') === true)
}

function addLine(
  hunk: { readonly before: string[]; readonly after: string[] } | undefined,
  { number, text }: Line,
): void {
  const sign = text.slice(0, 1)
  if (sign !== '' && !' +-'.includes(sign)) {
    throw unreadable(
      `line ${number} begins with ${JSON.stringify(sign)}`,
      'Begin each line with " " (stays), "-" (goes) or "+" (comes).',
    )
  }
  if (sign !== '+') hunk?.before.push(text.slice(1))
  if (sign !== '-') hunk?.after.push(text.slice(1))
}

function unreadable(state: string, advice: string): AppError {
  return new AppError('invalid_argument', `Cannot apply the patch: ${state}. ${advice}`)
}

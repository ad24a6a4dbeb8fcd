import type { AgentMessage, StreamEvent } from '../../../sdk/src/index.ts'
import type { Output } from '../context.ts'
import { toOneLine, toTerminalText } from './terminal-text.ts'

/** How much of a tool's arguments or answer is shown. */
const shownLength = 100

/** Writes a turn as it happens: the answer piece by piece, tool calls and memory edits as one line each. */
export async function renderTurn(
  stdout: Output,
  events: AsyncIterable<StreamEvent>,
): Promise<void> {
  let inText = false
  const endText = () => {
    if (inText) stdout.write('\n')
    inText = false
  }
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'text':
          inText = true
          stdout.write(toTerminalText(event.text))
          break
        case 'dropped':
          endText()
          stdout.write('· the answer broke off; it is begun again\n')
          break
        case 'tool_call':
          endText()
          stdout.write(`· ${describeCall(event.message)}\n`)
          break
        case 'tool_return':
          if (event.message.status !== 'error') break
          endText()
          stdout.write(`· failed: ${toOneLine(event.message.text, shownLength)}\n`)
          break
        default:
          break
      }
    }
  } finally {
    endText()
  }
}

/** A tool call in a few words; edits of memory say what is remembered. */
export function describeCall(message: AgentMessage): string {
  const name = message.toolName ?? 'a tool'
  const values = readArguments(message.text)
  const label = values['label'] ?? values['block_label']
  const text =
    values['content'] ?? values['new_str'] ?? values['new_string'] ?? values['new_memory']
  if (/^(core_)?memory_/.test(name) && text !== undefined) {
    const place = label === undefined ? '' : ` in ${toOneLine(label, 40)}`
    return `remembers${place}: ${toOneLine(text, shownLength)}`
  }
  if (name === 'archival_memory_insert' && text !== undefined) {
    return `files away: ${toOneLine(text, shownLength)}`
  }
  const query = values['query']
  const shown = query === undefined ? message.text : `"${query}"`
  return `${name} ${toOneLine(shown, shownLength)}`
}

function readArguments(text: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    const entries = Object.entries(value).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string'
    })
    return Object.fromEntries(entries)
  } catch {
    // Models write arguments that are not JSON now and then; the call is shown as it is.
    return {}
  }
}

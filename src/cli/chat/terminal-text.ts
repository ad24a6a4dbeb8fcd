/** Control characters but tab and line feed, and the bytes that begin terminal commands on some terminals. */
// oxlint-disable-next-line no-control-regex -- the point of the pattern
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Text from a model or a tool without what could move the cursor, change the title or hide what follows. */
export function toTerminalText(text: string): string {
  return text.replaceAll(controls, '')
}

/** Text on one line, shortened to `length` characters. */
export function toOneLine(text: string, length: number): string {
  const line = toTerminalText(text).replaceAll(/\s+/g, ' ').trim()
  if (line.length <= length) return line
  // Half a character at the cut would be none.
  return `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** What a YAML file holds; scalars stay texts. */
export type Yaml = string | readonly Yaml[] | { readonly [key: string]: Yaml }

interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

/**
 * Reads the part of YAML that our own files keep to: block maps and lists, flow lists of scalars, `|` texts, comments
 * on lines of their own. Throws for anything else, a tab and a key that is there twice.
 */
export function readYaml(source: string): Yaml {
  const lines = toLines(source)
  const value = readBlock(lines, lines[0]?.indent ?? 0)
  const [rest] = lines
  if (rest !== undefined) throw unreadable(rest)
  return value
}

function toLines(source: string): Line[] {
  return source
    .split('\n')
    .map((raw, index) => ({
      indent: raw.length - raw.trimStart().length,
      text: raw.trim(),
      number: index + 1,
    }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
}

/** Takes the lines of one map or list off the front. */
function readBlock(lines: Line[], indent: number): Yaml {
  return isItem(lines[0]) ? readList(lines, indent) : readMap(lines, indent)
}

function readList(lines: Line[], indent: number): Yaml {
  const list: Yaml[] = []
  for (let line = lines[0]; line?.indent === indent && isItem(line); line = lines[0]) {
    const text = line.text.slice(1).trimStart()
    const inner = indent + line.text.length - text.length
    if (isEntry(text)) {
      lines[0] = { ...line, indent: inner, text }
      list.push(readMap(lines, inner))
    } else {
      lines.shift()
      list.push(readValue(lines, { ...line, text }))
    }
  }
  return list
}

function readMap(lines: Line[], indent: number): Yaml {
  const map: Record<string, Yaml> = {}
  for (let line = lines[0]; line?.indent === indent; line = lines[0]) {
    const [, key, text] = entryPattern.exec(line.text) ?? []
    if (key === undefined || text === undefined || key in map) throw unreadable(line)
    lines.shift()
    map[key] = readValue(lines, { ...line, text })
  }
  return map
}

/** The value after a key or a dash, which may go on in the lines below. */
function readValue(lines: Line[], line: Line): Yaml {
  if (line.text === '|') return readLiteral(lines, line.indent)
  if (line.text !== '') return readScalars(line)
  const [next] = lines
  const isBelow =
    next !== undefined &&
    (next.indent > line.indent || (next.indent === line.indent && isItem(next)))
  return isBelow ? readBlock(lines, next.indent) : ''
}

function readLiteral(lines: Line[], indent: number): string {
  let text = ''
  while ((lines[0]?.indent ?? 0) > indent) text += `${lines.shift()?.text}\n`
  return text
}

function readScalars(line: Line): Yaml {
  const inner = /^\[(?<inner>.*)\]$/.exec(line.text)?.groups?.['inner']
  if (inner === undefined) return readScalar(line)
  return inner.split(', ').map((text) => readScalar({ ...line, text }))
}

function readScalar(line: Line): string {
  const { text } = line
  const quoted = /^'(?<inner>[^']*)'$/.exec(text)?.groups?.['inner']
  if (quoted !== undefined) return quoted
  if (/^[[\]{}&*!|>'"%@`]|[\t]|: | #/.test(text)) throw unreadable(line)
  return text
}

const entryPattern = /^([\w./-]+):(?: +|$)(.*)$/

const isEntry = (text: string): boolean => entryPattern.test(text)

const isItem = (line: Line | undefined): boolean => /^-( |$)/.test(line?.text ?? '')

const unreadable = (line: Line): Error =>
  new Error(`Cannot read line ${line.number} as YAML: "${line.text}"`)

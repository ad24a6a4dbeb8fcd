import { text } from 'node:stream/consumers'
import { holdsAny, type Needles } from './search-files.ts'

// A program: reads which files to search for what from its input, and writes those that hold it. See `file-search.ts`.
const { files, needles } = JSON.parse(await text(process.stdin)) as {
  readonly files: readonly string[]
  readonly needles: Needles
}
process.stdout.write(JSON.stringify(files.filter((file) => holdsAny(file, needles))))

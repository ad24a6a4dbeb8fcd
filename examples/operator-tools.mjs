// Tools of an operator's own: `letta server --tools examples/operator-tools.mjs`.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTool } from 'letta-ts'

const noteFile = join(process.env['NOTES_FOLDER'] ?? '.', 'notes.txt')

/** Reads only: a call that a crash cut is simply made again, and several run side by side. */
const readNotes = defineTool({
  name: 'read_notes',
  description: 'Read all notes, oldest first. Returns one note a line.',
  parameters: { type: 'object', properties: {}, required: [] },
  replay: 'read-only',
  parallel: true,
  run: async (_input, { signal }) => {
    return await readFile(noteFile, { encoding: 'utf8', signal }).catch(
      () => 'There are no notes yet.',
    )
  },
})

/** Adds something outside: a call that a crash cut is not made again; the model is told that it may have happened. */
const writeNote = defineTool({
  name: 'write_note',
  description: 'Write a note to the end of the file of notes.',
  parameters: {
    type: 'object',
    properties: { text: { type: 'string', minLength: 1, description: 'The note, one line.' } },
    required: ['text'],
  },
  replay: 'once',
  run: async ({ text }) => {
    await appendFile(noteFile, `${String(text)}\n`)
    return 'Written down.'
  },
})

/** What the server loads. */
export const tools = [readNotes, writeNote]

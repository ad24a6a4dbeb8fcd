/** A command typed into the chat. */
export type SlashCommand =
  | {
      readonly name: 'model' | 'memory' | 'persona' | 'undo' | 'why' | 'compact' | 'forget'
      readonly argument: string
    }
  | { readonly name: 'new' | 'retry' | 'context' | 'help' | 'exit' }

/** What a line of the chat is. */
export type ChatLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'command'; readonly command: SlashCommand }
  /** A line with a slash that is no command; it is never sent to the model. */
  | { readonly kind: 'refused'; readonly reason: string }

const help: readonly (readonly [usage: string, effect: string])[] = [
  ['/model [name]', 'show or switch the model'],
  ['/memory [label]', 'show what the agent always has in mind'],
  ['/undo [change]', 'take a change of memory back; without an id the last one'],
  ['/why [answer]', 'show what the last answer rests on'],
  ['/forget <words>', 'remove words, or a message by its id, for good; asks first'],
  ['/persona [text]', 'show or change who the agent is'],
  ['/context', 'show what fills the window'],
  ['/compact [mode]', 'replace the beginning of the conversation by a summary'],
  ['/new', 'begin a new conversation in this folder'],
  ['/retry', 'answer the last message when it got no answer'],
  ['/help', 'show this list'],
  ['/exit', 'leave (also /quit, Ctrl-D, or Ctrl-C twice)'],
]

/** The list that `/help` shows. */
export const helpLines: readonly string[] = help.map(
  ([usage, effect]) => `  ${usage.padEnd(16)}  ${effect}`,
)

/** Tells messages from commands. Only a line that begins with a slash can be a command, and only by its full name. */
export function parseChatLine(line: string): ChatLine {
  const text = line.trim()
  if (text === '') return { kind: 'blank' }
  if (!line.startsWith('/')) return { kind: 'message', text }
  const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  return parseCommand(name, rest.trim())
}

/** A command that takes nothing after it. */
function parseBare(
  name: Exclude<SlashCommand, { readonly argument: string }>['name'] | 'quit',
  argument: string,
): ChatLine {
  if (argument !== '') return { kind: 'refused', reason: `/${name} takes nothing after it.` }
  return { kind: 'command', command: { name: name === 'quit' ? 'exit' : name } }
}

function parseCommand(name: string, argument: string): ChatLine {
  switch (name) {
    case 'model':
    case 'memory':
    case 'persona':
    case 'undo':
    case 'why':
    case 'compact':
    case 'forget':
      return { kind: 'command', command: { name, argument } }
    case 'new':
    case 'retry':
    case 'context':
    case 'help':
    case 'exit':
    case 'quit':
      return parseBare(name, argument)
    default:
      return {
        kind: 'refused',
        reason: `There is no command /${name}; /help lists them. To send the line as a message, begin it with a space.`,
      }
  }
}

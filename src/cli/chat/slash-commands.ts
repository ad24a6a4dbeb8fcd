/** Commands that take words behind them. */
const wordCommands = [
  'model',
  'memory',
  'persona',
  'undo',
  'why',
  'star',
  'compact',
  'forget',
] as const
/** Commands that stand alone. */
const plainCommands = ['new', 'pause', 'resume', 'retry', 'context', 'help', 'exit'] as const

/** A command typed into the chat. */
export type SlashCommand =
  | { readonly name: (typeof wordCommands)[number]; readonly argument: string }
  | { readonly name: (typeof plainCommands)[number] }

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
  ['/star [answer]', 'mark the last answer as good; letta eval tests what it rests on'],
  ['/forget <words>', 'remove words, or a message by its id, for good; asks first'],
  ['/persona [text]', 'show or change who the agent is'],
  ['/context', 'show what fills the window'],
  ['/compact [mode]', 'replace the beginning of the conversation by a summary'],
  ['/new', 'begin a new conversation in this folder'],
  ['/pause', 'let nothing run here; what is said is kept'],
  ['/resume', 'go on after a pause'],
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

function parseCommand(given: string, argument: string): ChatLine {
  const name = given === 'quit' ? 'exit' : given
  const withWords = wordCommands.find((known) => known === name)
  if (withWords !== undefined) return { kind: 'command', command: { name: withWords, argument } }
  const plain = plainCommands.find((known) => known === name)
  if (plain === undefined) {
    return {
      kind: 'refused',
      reason: `There is no command /${given}; /help lists them. To send the line as a message, begin it with a space.`,
    }
  }
  if (argument === '') return { kind: 'command', command: { name: plain } }
  return { kind: 'refused', reason: `/${given} takes nothing after it.` }
}

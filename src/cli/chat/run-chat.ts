import { Writable } from 'node:stream'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { readBlocks } from '../actions/run-memory.ts'
import { isOffline, modelOf, offlineNotice } from '../session/model-info.ts'
import { withClient, type OpenClient } from '../session/open-client.ts'
import { listOpenRuns } from '../session/open-runs.ts'
import { openSession, type Session } from '../session/open-session.ts'
import { Chat } from './chat.ts'
import { createInterrupts } from './interrupts.ts'
import { createLineReader } from './line-reader.ts'
import { renderWelcome } from './welcome-back.ts'

/** What `letta` was asked. */
export interface ChatArguments {
  readonly agent: string | undefined
  readonly model: string | undefined
  readonly startNew: boolean
}

/** The chat on a terminal, until it is left. */
export async function runChat(context: CliContext, options: ChatArguments): Promise<void> {
  if (!context.terminal.stdin || !context.terminal.stdout) {
    throw usageError(
      'Cannot open the chat: standard input or output is not a terminal. Send one prompt with -p "…".',
    )
  }
  await withClient(context, async (open) => {
    const { agent, startNew } = options
    const place = { ...open, agent, folder: context.folder }
    const session = await openSession({ ...place, startNew })
    const chat = new Chat({
      stdout: context.stdout,
      session,
      model: options.model,
      renew: () => openSession({ ...place, startNew: true }),
    })
    await greet(context, { open, session, chat })
    await talk(context, chat)
  })
}

async function greet(
  context: CliContext,
  {
    open,
    session,
    chat,
  }: { readonly open: OpenClient; readonly session: Session; readonly chat: Chat },
): Promise<void> {
  const { client, agent, conversationId } = session
  const [blocks, runs] = await Promise.all([
    readBlocks(client, agent.id),
    listOpenRuns(client, conversationId),
  ])
  const model = modelOf(agent)
  const welcome = renderWelcome({
    agentName: agent.name,
    model,
    lastSpokenAt: session.lastSpokenAt,
    task: blocks.find(({ label }) => label === 'task')?.value ?? '',
    openRuns: runs.length,
    now: new Date(),
  })
  context.stdout.write(`${welcome}\n`)
  for (const notice of session.notices) context.stderr.write(`${notice}\n`)
  if (await isOffline(client, model)) context.stderr.write(`${offlineNotice}\n`)
  const isPaused = await chat.tellPause()
  const carriesOn = open.client.mode === 'embedded' && !isPaused
  if (carriesOn) for (const run of runs) await chat.carryOn(run.id)
  await chat.askPending()
}

async function talk(context: CliContext, chat: Chat): Promise<void> {
  const { stdout } = context
  const interrupts = createInterrupts(() => performance.now())
  const reader = createLineReader({
    input: context.stdin,
    output: stdout instanceof Writable ? stdout : null,
    prompt: '> ',
    onInterrupt: () => {
      const meaning = interrupts(chat.isBusy)
      if (meaning === 'leave') reader.close()
      else if (meaning === 'hint') stdout.write('\nCtrl-C again leaves.\n> ')
      if (meaning !== 'hint') void chat.cancel()
    },
  })
  const stopListening = context.onTermination(() => reader.close())
  try {
    for (;;) {
      const line = await reader.next()
      // What follows, such as the shell's prompt, begins on a line of its own.
      if (line === null) stdout.write('\n')
      if (line === null || !(await chat.handle(line))) break
    }
    if (chat.summary !== null) stdout.write(`${chat.summary}\n`)
  } finally {
    stopListening()
    reader.close()
  }
}

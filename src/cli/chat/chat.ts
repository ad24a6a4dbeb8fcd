import {
  PendingApprovalError,
  toLettaError,
  type Client,
  type StreamEvent,
  type UserMessageResponse,
} from '../../../sdk/src/index.ts'
import { chooseStart } from '../actions/run-retry.ts'
import type { Output } from '../context.ts'
import { describeError } from '../describe-error.ts'
import { readMemoryNotes, renderMemoryNotes } from '../session/memory-notes.ts'
import { renderStarred } from '../actions/run-star.ts'
import { renderReasons, toAnswer } from '../actions/run-why.ts'
import { findLastRun } from '../session/open-runs.ts'
import type { Session } from '../session/open-session.ts'
import {
  changePersona,
  compact,
  showBlocks,
  showContext,
  showOrSwitchModel,
} from './agent-commands.ts'
import { PauseTalk } from './pause-talk.ts'
import { toOneLine } from './terminal-text.ts'
import { ForgetTalk } from './forget-talk.ts'
import { renderTurn } from './render-turn.ts'
import { helpLines, parseChatLine, type SlashCommand } from './slash-commands.ts'

/** What a chat needs besides its lines. */
export interface ChatOptions {
  readonly stdout: Output
  readonly session: Session
  /** A model for this chat's turns only. */
  readonly model: string | undefined
  /** Begins a new conversation in the same folder. */
  readonly renew: () => Promise<Session>
}

/** A conversation on the terminal: takes lines, answers them. */
export class Chat {
  readonly #options: ChatOptions
  readonly #pauseTalk = new PauseTalk()
  #session: Session
  #turn: AbortController | null = null
  /** What the agent asked before a call, until it is answered. */
  #pending: PendingApprovalError | null = null
  #response: UserMessageResponse | null = null
  #lastRunId: string | null = null
  readonly #told = { remembered: 0, changed: 0, forgotten: 0, review: 0 }
  #lastChange: string | null = null
  readonly #forgetTalk = new ForgetTalk()

  constructor(options: ChatOptions) {
    this.#options = options
    this.#session = options.session
  }

  /** Whether the agent is at work. */
  get isBusy(): boolean {
    return this.#turn !== null
  }

  /** Deals with one line; false when it was the last. Errors are shown, not thrown. */
  async handle(line: string): Promise<boolean> {
    const parsed = parseChatLine(line)
    switch (parsed.kind) {
      case 'blank':
        return true
      case 'refused':
        this.#print([parsed.reason])
        return true
      case 'message':
        if (this.#forgetTalk.isWaiting) await this.#decideForget(parsed.text)
        else if (this.#pending === null) await this.#answer(parsed.text)
        else await this.#decide(this.#pending, parsed.text)
        return true
      case 'command':
        return this.#run(parsed.command)
    }
  }

  /** Shows a run that was open before. */
  async carryOn(runId: string): Promise<void> {
    const { client, conversationId } = this.#session
    await this.#show((signal) => client.follow({ runId, signal }), {
      alongside: client.recover({ conversationId }),
    })
  }

  /** Asks again what the agent asked before this chat was opened, if nobody has answered it. */
  async askPending(): Promise<void> {
    const { client, conversationId } = this.#session
    const run = await findLastRun(client, conversationId)
    if (run?.stop_reason !== 'requires_approval') return
    const newest = await client.letta.runs.messages.list(run.id, { order: 'desc', limit: 1 })
    // Returns after the request say that the run was cancelled since.
    if (newest.items[0]?.message_type !== 'approval_request_message') return
    this.#ask(await this.#findPending(run.id))
  }

  /** Stops the turn that is running; what was said so far is kept. */
  async cancel(): Promise<void> {
    const turn = this.#turn
    if (turn === null) return
    try {
      await cancelConversation(this.#session.client, this.#session.conversationId)
    } catch (error) {
      this.#print([describeError(error).message])
    } finally {
      turn.abort()
    }
  }

  /** Says so when the conversation that is opened is paused; whether it is. */
  async tellPause(): Promise<boolean> {
    this.#print(await this.#pauseTalk.look(this.#session))
    return this.#pauseTalk.isPaused
  }

  async #answer(message: string): Promise<void> {
    const { client, agent, conversationId } = this.#session
    const { model } = this.#options
    if (this.#pauseTalk.isPaused) {
      this.#print(await this.#pauseTalk.keep(this.#session, { text: message, model }))
      return
    }
    await this.#show((signal) =>
      client.streamMessage({ agentId: agent.id, conversationId, message, model, signal }),
    )
  }

  #ask(pending: PendingApprovalError): void {
    this.#pending = pending
    const calls = pending.calls.map((call) => `  ${call.name} ${toOneLine(call.arguments, 400)}`)
    this.#print(['The agent asks before it does this:', ...calls, 'Allow it? y, or n and why.'])
  }

  async #findPending(runId: string): Promise<PendingApprovalError> {
    return new PendingApprovalError(runId, await this.#session.client.pendingCalls({ runId }))
  }

  /** Takes a line as the answer to what was asked. */
  async #decide(pending: PendingApprovalError, line: string): Promise<void> {
    const { client } = this.#session
    const answer = /^(y|yes|n|no)\b[\s:,.]*(.*)$/is.exec(line.trim())
    const runId = pending.runId ?? ''
    if (answer === null) {
      this.#print(['Allow it? y, or n and why.'])
      return
    }
    const [, verdict = '', words = ''] = answer
    const isAllowed = verdict.toLowerCase().startsWith('y')
    const said = words === '' ? undefined : words
    this.#pending = null
    await this.#show((signal) =>
      isAllowed
        ? client.approve({ runId, signal, message: said })
        : client.deny({ runId, signal, reason: said }),
    )
  }

  async #show(
    start: (signal: AbortSignal) => AsyncIterable<StreamEvent>,
    options: { readonly alongside?: Promise<unknown> } = {},
  ): Promise<void> {
    const turn = new AbortController()
    this.#turn = turn
    try {
      await Promise.all([
        renderTurn(this.#options.stdout, this.#keepEnd(start(turn.signal))),
        options.alongside ?? Promise.resolve(),
      ])
      await this.#tellMemory()
    } catch (error) {
      if (error instanceof PendingApprovalError) {
        this.#ask(error)
        return
      }
      const { code, runId } = toLettaError(error)
      if (code === 'pending_approval' && runId !== null) {
        this.#print(['Your message was not sent: an earlier question comes first.'])
        this.#ask(await this.#findPending(runId))
        return
      }
      const isCancelled = code === 'cancelled' || code === 'aborted'
      this.#print([isCancelled ? '(cancelled)' : describeError(error).message])
    } finally {
      this.#turn = null
    }
  }

  /** What this chat has done to memory, in one line; null = nothing. */
  get summary(): string | null {
    const { remembered, changed, forgotten, review } = this.#told
    const parts = [
      ...(remembered > 0 ? [`${remembered} learnt`] : []),
      ...(changed > 0 ? [`${changed} changed`] : []),
      ...(forgotten > 0 ? [`${forgotten} forgotten`] : []),
      ...(review > 0 ? [`${review} to review`] : []),
    ]
    if (parts.length === 0) return null
    const command = review > 0 ? 'letta memory review' : 'letta memory log'
    return `Memory: ${parts.join(', ')}. ${command} shows them.`
  }

  /** The events of a turn; its last one is kept. */
  async *#keepEnd(events: AsyncIterable<StreamEvent>): AsyncIterable<StreamEvent> {
    this.#response = null
    for await (const event of events) {
      if (event.type === 'end') this.#response = event.response
      yield event
    }
  }

  /** Shows what the last turn did to memory. */
  async #tellMemory(): Promise<void> {
    const response = this.#response
    if (response === null) return
    const { client, agent } = this.#session
    this.#lastRunId = response.runId
    const notes = await readMemoryNotes(client, agent.id, response)
    for (const { id, kind } of notes.changes) {
      this.#told[kind] += 1
      this.#lastChange = id
    }
    this.#told.review += notes.proposed.length
    this.#print(renderMemoryNotes(notes).map((line) => `· ${line}`))
  }

  async #run(command: SlashCommand): Promise<boolean> {
    if (command.name === 'exit') return false
    try {
      if (command.name === 'retry') await this.#retry()
      else if (command.name === 'resume') await this.#resume()
      else this.#print(await this.#execute(command))
    } catch (error) {
      this.#print([describeError(error).message])
    }
    return true
  }

  /** Ends a pause and shows what goes on. */
  async #resume(): Promise<void> {
    const runs = await this.#pauseTalk.resume(this.#session)
    this.#print([runs.length === 0 ? 'Nothing was waiting.' : 'Going on.'])
    for (const runId of runs) await this.carryOn(runId)
  }

  async #retry(): Promise<void> {
    const start = await chooseStart(this.#session)
    await this.#show((signal) => start({ signal }))
  }

  async #execute(
    command: Exclude<SlashCommand, { name: 'exit' | 'retry' | 'resume' }>,
  ): Promise<readonly string[]> {
    switch (command.name) {
      case 'help':
        return helpLines
      case 'new':
        this.#session = await this.#options.renew()
        this.#pending = null
        return ['A new conversation.', ...(await this.#pauseTalk.look(this.#session))]
      case 'pause':
        return await this.#pauseTalk.pause(this.#session)
      case 'model':
        return [await showOrSwitchModel(this.#session, command.argument)]
      case 'memory':
        return await showBlocks(this.#session, command.argument)
      case 'undo':
        return await this.#undo(command.argument)
      case 'why':
        return await this.#explain(command.argument)
      case 'star':
        return await this.#star(command.argument)
      case 'context':
        return await showContext(this.#session)
      case 'compact':
        return await compact(this.#session, command.argument)
      case 'forget':
        return await this.#forgetTalk.propose(this.#session, command.argument)
      case 'persona':
        return await changePersona(this.#session, command.argument)
      default:
        return []
    }
  }

  async #decideForget(line: string): Promise<void> {
    try {
      this.#print(await this.#forgetTalk.decide(this.#session, line))
    } catch (error) {
      this.#print([describeError(error).message])
    }
  }

  async #undo(argument: string): Promise<readonly string[]> {
    const change = argument === '' ? this.#lastChange : argument
    if (change === null) return ['This chat has changed nothing yet; /undo m-12 names a change.']
    const { client, agent } = this.#session
    const changes = await client.memory(agent.id).undo(change)
    this.#lastChange = changes.at(-1)?.id ?? null
    return renderMemoryNotes({ changes, proposed: [] })
  }

  async #explain(argument: string): Promise<readonly string[]> {
    const answer = argument === '' ? this.#lastRunId : argument
    if (answer === null) return ['There is no answer in this chat yet.']
    const { client, agent } = this.#session
    return renderReasons(await client.memory(agent.id).why(toAnswer(answer)), agent.timezone)
  }

  async #star(argument: string): Promise<readonly string[]> {
    const answer = argument === '' ? this.#lastRunId : argument
    if (answer === null) return ['There is no answer in this chat yet.']
    const { client, agent } = this.#session
    return [renderStarred(await client.memory(agent.id).star(toAnswer(answer)))]
  }

  #print(lines: readonly string[]): void {
    this.#options.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
}

async function cancelConversation(client: Client, conversationId: string): Promise<void> {
  await client.letta.conversations.cancel(conversationId)
}

import type { Letta } from '@letta-ai/letta-client'
import type { AgentState } from '@letta-ai/letta-client/resources/agents/agents'
import type { AnswerOptions, DenyOptions, ReturnToolsOptions } from './answer-calls.ts'
import type { BackgroundJob, BackgroundJobFilter } from './background-jobs.ts'
import type { CreateAgentOptions, GetOrCreateAgentOptions } from './agent-options.ts'
import type { Compaction, CompactOptions } from './compact-conversation.ts'
import type { ContextOverview, SentContext } from './read-context.ts'
import type { ClientMode, Connection } from './connection.ts'
import type { AgentFacts } from './facts.ts'
import type { AgentDocuments } from './documents.ts'
import type { Forgetting } from './forgetting.ts'
import type { AgentMemory } from './memory.ts'
import type { StreamEvent, UserMessageResponse } from './messages.ts'
import type { PendingCall } from './pending-calls.ts'
import type { PlaceOptions, SignalOptions } from './rest-conversation.ts'
import type { Schedule, ScheduleFilter, ScheduleOptions } from './schedules.ts'
import type { AgentSearch } from './search.ts'
import type { AgentVectors, EmbeddingProgress } from './vectors.ts'
import type { FollowOptions, UserMessageOptions, WatchOptions } from './turn-options.ts'

/** What an agent is, as the official client types it. */
export type Agent = AgentState

/**
 * Stateful agents, in this process or through a server.
 *
 * Every operation throws `LettaError`. The process ends by itself when nothing is under way; closing is not needed.
 */
export interface Client {
  /** The official client, unmodified, for everything else; it goes the same way as this one. */
  readonly letta: Letta
  /** Where requests go; null until the first one (or {@link Client.connect}) when neither mode nor URL was given. */
  readonly mode: ClientMode | null
  /** The data folder; null when a URL was given, so that the data is somewhere else. */
  readonly dataPath: string | null
  /** Finds the way now instead of with the first request, and tells it. */
  connect(): Promise<Connection>
  /** Creates an agent. */
  createAgent(options: CreateAgentOptions): Promise<Agent>
  /**
   * The oldest agent of that name, or with all those tags, else a new one made from the options. Programs that ask at the
   * same moment are given the same agent.
   */
  getOrCreateAgent(options: GetOrCreateAgentOptions): Promise<Agent>
  /**
   * Sends a message and waits until the agent rests. Throws `PendingApprovalError` when it waits for an answer to tool
   * calls.
   *
   * The result is an array of what the agent said and did: the first element is its answer, the others follow in the
   * order they came. When it throws with a `runId`, the message is stored and {@link Client.retry} goes on from it.
   */
  userMessage(options: UserMessageOptions): Promise<UserMessageResponse>
  /** The history of an agent's memory: what changed, why, and taking it back. */
  memory(agentId: string): AgentMemory
  /** What an agent knows to be true, its standing instructions, and what happened when. */
  facts(agentId: string): AgentFacts
  /** Search by words in what an agent said, was told and keeps. */
  search(agentId: string): AgentSearch
  /** Vectors that the caller makes of an agent's texts, and search by them. */
  vectors(agentId: string): AgentVectors
  /** Texts of people in an agent's archive. */
  documents(agentId: string): AgentDocuments
  /** Removing for good: what would go, confirming it, and the receipts. */
  forgetting(): Forgetting
  /** Sends a message and yields what happens as it happens; the last event holds the whole response. */
  streamMessage(options: UserMessageOptions): AsyncIterable<StreamEvent>
  /**
   * Sends a message and resolves with its run as soon as it is stored. The run goes on without the caller: in a server,
   * or in this process while it lasts; {@link Client.follow} shows it.
   */
  submitMessage(options: UserMessageOptions): Promise<string>
  /**
   * Tries a failed run again: goes on from its stored message, which is not sent a second time.
   * Throws `conflict` when the run did not fail, or newer messages followed it.
   */
  retry(options: FollowOptions): AsyncIterable<StreamEvent>
  /**
   * Allows the tool calls that a run ended with and yields what happens until the agent rests. The calls run once, also
   * when the answer is sent again. Throws `approval_not_pending` when none wait.
   */
  approve(options: AnswerOptions): AsyncIterable<StreamEvent>
  /** As {@link Client.approve}, but refuses the calls; the model reads the reason. */
  deny(options: DenyOptions): AsyncIterable<StreamEvent>
  /** As {@link Client.approve}, with the results of calls that the caller ran itself. */
  returnTools(options: ReturnToolsOptions): AsyncIterable<StreamEvent>
  /** The tool calls that a run ended with, for somebody to answer; empty when it asked for none. */
  pendingCalls(options: { readonly runId: string }): Promise<readonly PendingCall[]>
  /** Yields what happened in a run and goes on until it ends. */
  follow(options: FollowOptions): AsyncIterable<StreamEvent>
  /**
   * Yields what happened in a run and goes on until it ends, also one of another process: the run of an id, of a
   * message's otid, or the newest of a conversation that has not ended. Any number of callers may watch one run.
   */
  watch(options: WatchOptions): AsyncIterable<StreamEvent>
  /**
   * Sends a message at a time, or again and again. It is sent while a server runs, as a background run of the
   * conversation; `invalid_argument` for a time that is over and an expression that never fires.
   */
  schedule(options: ScheduleOptions): Promise<Schedule>
  /** Schedules, newest first. */
  listSchedules(filter?: ScheduleFilter): Promise<readonly Schedule[]>
  /** `not_found` when there is none. */
  getSchedule(options: { readonly scheduleId: string }): Promise<Schedule>
  /** Lets a schedule rest. `conflict` when it is finished. */
  pauseSchedule(options: { readonly scheduleId: string }): Promise<Schedule>
  /** Lets a schedule fire again, from now on. `conflict` when it is finished. */
  resumeSchedule(options: { readonly scheduleId: string }): Promise<Schedule>
  /** Removes a schedule; what it has sent stays. */
  removeSchedule(options: { readonly scheduleId: string }): Promise<void>
  /** How far the vectors of each embedding model are that an agent or archive names, and what keeps them from being made. */
  embeddingProgress(): Promise<readonly EmbeddingProgress[]>
  /** Removes all vectors of a model, so that servers make them anew; resolves with how many. For administrators. */
  rebuildEmbeddings(options: { readonly model: string }): Promise<number>
  /** What servers do in the background, newest first. For administrators, as the three below. */
  listBackgroundJobs(filter?: BackgroundJobFilter): Promise<readonly BackgroundJob[]>
  /** `not_found` when there is none. */
  getBackgroundJob(options: { readonly jobId: string }): Promise<BackgroundJob>
  /** Has a dead job tried again with all its attempts. `conflict` when it is not dead. */
  retryBackgroundJob(options: { readonly jobId: string }): Promise<BackgroundJob>
  /** Removes a dead job. `conflict` when it is not dead. */
  removeBackgroundJob(options: { readonly jobId: string }): Promise<void>
  /** Ends a run and resolves with whether that was still possible: false = it had ended well or failed before. */
  cancel(options: { readonly runId: string }): Promise<boolean>
  /**
   * Pauses a conversation: its turn rests at the end of its step (`now`: at once, and the model is asked again later), for
   * as long as it takes, through restarts; what is sent meanwhile waits. Resolves with whether it rests already.
   */
  pause(options: PlaceOptions & { readonly now?: boolean | undefined }): Promise<boolean>
  /** Whether a conversation is paused: what is sent to it is kept, and answered after the pause. */
  isPaused(options: PlaceOptions): Promise<boolean>
  /** Ends a pause: the turn goes on in the same run. Nothing happens when there was none. */
  resume(options: PlaceOptions): Promise<void>
  /**
   * Sends a signal to the turn that waits for its name in a conversation (tool `wait`), or keeps it for the next one that
   * will. Resolves with the run that it woke, or null.
   */
  signal(options: SignalOptions): Promise<string | null>
  /** What fills the window of a conversation, as its next request would be. */
  context(options: PlaceOptions): Promise<ContextOverview>
  /** The request that went to the model last, what it was made of and why. Throws `not_found` before the first one. */
  sentContext(options: PlaceOptions): Promise<SentContext>
  /**
   * Replaces the beginning of what a conversation's model is shown by a summary, now. The messages stay stored and
   * searchable. Waits for the turn that runs there.
   */
  compact(options: CompactOptions): Promise<Compaction>
  /**
   * Carries on what an earlier process left open in a conversation, and resolves with the number of turns; a server
   * does this by itself, so over HTTP nothing happens and it is 0.
   */
  recover(options: { readonly conversationId: string }): Promise<number>
  /** Ends what the product does in this process and closes the database. Later requests reject. */
  close(): Promise<void>
}

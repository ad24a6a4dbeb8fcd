/** One thing the wire promises. */
export interface Requirement {
  /** The section of the wire specification it comes from. */
  readonly section: string
  /** What a client can rely on. */
  readonly text: string
}

/** Every promise of the wire that tests hold; each is cited by at least one test of this folder. */
export const requirements = {
  'transport.slashes': at('1.1', 'Every route answers with and without a slash at its end.'),
  'transport.latest': at('1.1', 'Every route exists under /v1 and /latest.'),
  'transport.health': at('10.20', 'Health reports version and status, and which server it is.'),
  'transport.unknown-route': at('0.2', 'An unknown route is 404 {"detail":"Not Found"}.'),
  'transport.stripped': at('1.6', 'NUL and lone surrogates are taken out, and a header says so.'),
  'errors.detail': at('2.1', 'Errors carry {"detail"}; validation errors a text and trace_id.'),
  'errors.extra-fields': at('1.6', 'Strict bodies refuse unknown fields as extra_forbidden.'),
  'errors.ignored-fields': at('0.2', 'Agents, blocks and messages ignore unknown fields.'),
  'errors.not-found': at('2.2', 'A missing agent is 404 "Agent not found"; others name the id.'),
  'errors.body-limit': at('2.2', 'A body over the limit is 413 and nothing is stored.'),
  'errors.window': at('2.2', 'A message that cannot fit is 400 with its token count.'),
  'errors.model': at('6.1', 'An unknown model is 404 and its text contains the handle.'),
  'errors.immutable': at('2.2', 'Editing a message is 405 with the known sentence.'),
  'errors.empty': at('2.2', 'No message, or one without content, is 422.'),
  'ids.path': at('3', 'Malformed path ids are 422 with pattern and example; run ids are 400.'),
  'access.open': at('1.4', 'Without a key any or no token is accepted from this machine.'),
  'access.key': at('1.4', 'Once a key exists requests need one, else 401 Unauthorized.'),
  'access.health': at('1.4', 'Health answers without a key.'),
  'access.origins': at('1.4', 'Known origins may call and read; others are refused.'),
  'access.hosts': at('1.4', 'A Host that is not loopback is refused unless allowed.'),
  'access.roles': at('1.4', 'Readers only read, members keep off keys, keys see their agents.'),
  'agents.create.defaults': at('6.1', 'Create without fields gives name, type, tools, memory.'),
  'agents.create.base-memory': at('6.1', 'memory_type base_memory adds persona and human.'),
  'agents.create.tools': at('6.1', 'Base tools follow the type; unknown names do not fail.'),
  'agents.create.messages': at('6.1', 'initial_message_sequence follows the system message.'),
  'agents.state': at('10.1', 'AgentState has every field, nulls included.'),
  'agents.model-settings': at('8.7', 'model_settings and llm_config follow from the model.'),
  'agents.secrets': at('6.1', 'Secrets are listed by name; their values are never returned.'),
  'agents.update': at('6.1', 'PATCH applies what is not null; lists replace.'),
  'agents.list': at('5.2', 'Agents list newest first, by filters, cursors in sort order.'),
  'agents.count': at('6.1', 'Count is a bare integer and leaves hidden agents out.'),
  'agents.delete': at('6.1', 'Delete answers with its sentence; shared blocks stay.'),
  'agents.recompile': at('6.1', 'The system message shows memory as it is now.'),
  'agents.tools': at('6.1', 'Tools attach idempotently and detach without error.'),
  'agents.blocks': at('6.1', 'Blocks are read, changed, attached and detached by label or id.'),
  'blocks.crud': at('6.2', 'Blocks are created, read, changed, listed by filters, deleted.'),
  'blocks.limit': at('6.2', 'A value over the limit, in code points, is 422.'),
  'blocks.agents': at('6.2', 'A block lists the agents that have it.'),
  'send.response': at('7.3', 'Without streaming the whole turn comes back, input not echoed.'),
  'send.input': at('7.2', 'Exactly one of messages and input is given.'),
  'send.content-parts': at('7.2', 'Content is a text or parts; parts come back as sent.'),
  'send.types': at('7.2', 'include_return_message_types filters messages, not the end.'),
  'send.stream-flags': at('7.2', 'Streaming options without streaming are 422.'),
  'send.async': at('7.1', 'async answers with a background run at once.'),
  'send.approval': at('7.5', 'An approval nobody asked for is 400 with the known sentence.'),
  'send.override-model': at('7.2', 'override_model serves one request; unknown is 404.'),
  'send.failure': at('2.2', 'A provider error is {"error"} with its status, not retried.'),
  'stream.framing': at('8.1', 'SSE data frames, then stop_reason, usage_statistics, [DONE].'),
  'stream.steps': at('8.3', 'Step streaming sends whole messages; tool calls omit nulls.'),
  'stream.tokens': at('8.4', 'Token streaming sends deltas with the final ids and otids.'),
  'stream.pings': at('8.1', 'The first frame is a ping with the run id; silence is pinged.'),
  'stream.errors': at('8.1', 'Errors are a stop_reason and a named error frame, then [DONE].'),
  'stream.early-errors': at('8.1', 'Without pings an early failure keeps its HTTP status.'),
  'stream.numbers': at('8.5', 'Every frame has run_id and a growing seq_id.'),
  'stream.resume': at('8.5', 'A stream resumes after any seq_id, during and after the run.'),
  'stream.disconnect': at('8.5', 'A client that goes away does not stop the run.'),
  'retry.otid': at('7.7', 'The same otid again attaches to the same run.'),
  'retry.marked': at('1.2', 'A repetition the client marks attaches while undelivered.'),
  'retry.header': at('1.2', 'After acceptance errors carry x-should-retry: false.'),
  'busy.queue': at('7.7', 'Input for a busy conversation waits; on request it is 409.'),
  'cancel.agent': at('7.6', 'Cancel maps run ids to states; nothing active is 409.'),
  'cancel.stream': at('7.6', 'A cancelled stream ends with stop_reason cancelled.'),
  'messages.agent-list': at('5.1', 'desc is the newest, returned oldest first; cursors absolute.'),
  'messages.paging': at('5.1', 'Auto-pagination of the client ends.'),
  'messages.conversation-list': at('5.1', 'desc is newest first; unknown cursors are ignored.'),
  'messages.conversion': at('6.10', 'One stored message becomes several of one id by otid.'),
  'messages.retrieve': at('6.10', 'One message is an array of client messages.'),
  'messages.search': at('6.10', 'Messages of an agent are found by words.'),
  'conversations.crud': at('6.9', 'Conversations are created, read, changed, listed, deleted.'),
  'conversations.default': at('6.9', 'default with agent_id is the own conversation of an agent.'),
  'conversations.system': at('6.9', 'Each conversation has its own system message.'),
  'conversations.stream-default': at('7.1', 'The conversation route streams by default.'),
  'runs.object': at('6.11', 'Runs have status, stop reason, metadata and request_config.'),
  'runs.list': at('6.11', 'Runs list by agent, status and activity, in the sort order.'),
  'runs.messages': at('6.11', 'Messages of a run are oldest first and include the input.'),
  'runs.usage': at('6.11', 'Usage of a run has the shape of OpenAI.'),
  'runs.failed': at('6.11', 'A failed run carries metadata.error.'),
  'steps.object': at('6.12', 'Steps list by run and are read by id.'),
  'archival.agent': at('6.4', 'Archival memory makes its archive on demand.'),
  'archival.search': at('6.4', 'Search finds by words, tags and dates; blank finds nothing.'),
  'archives.crud': at('6.4', 'Archives are created, attached, listed, deleted with passages.'),
  'tools.list': at('6.5', 'Tools list by name, type and search, with JSON schema.'),
  'models.list': at('6.8', 'Models list with handle, provider and window.'),
  'tags.list': at('6.3', 'Tags of agents and blocks, alphabetical.'),
} as const satisfies Record<string, Requirement>

/** The name of a promise. */
export type RequirementId = keyof typeof requirements

/** The title of a test that holds these promises. */
export function holds(ids: RequirementId | readonly RequirementId[], title: string): string {
  return `${title} [${[ids].flat().join(', ')}]`
}

function at(section: string, text: string): Requirement {
  return { section, text }
}

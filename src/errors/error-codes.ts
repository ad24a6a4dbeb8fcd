/** What every place that reports an error needs to know about one error code. */
export interface ErrorCodeEntry {
  /** The HTTP status the server answers with. */
  readonly status: number
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean
  /** What the code means, in one sentence, for docs/errors.md. */
  readonly meaning: string
}

/**
 * Every error code of the product with its HTTP status.
 *
 * docs/errors.md is generated from this table and compared in CI.
 */
export const errorCodes = {
  invalid_argument: entry(400, false, 'A value is well-formed but cannot be used here.'),
  gone: entry(410, false, 'What this is about was stored and has been removed for good.'),
  validation_failed: entry(422, false, 'The request does not have the shape its route asks for.'),
  unauthorized: entry(401, false, 'The request carries no key, or one that is unknown or revoked.'),
  forbidden: entry(403, false, 'The key is valid but its role or agent scope does not allow this.'),
  origin_refused: entry(
    403,
    false,
    'The Host or Origin header names a place this server does not serve.',
  ),
  not_found: entry(404, false, 'The object does not exist, or belongs to another tenant.'),
  model_not_found: entry(404, false, 'No provider has a model of that name.'),
  model_ambiguous: entry(
    400,
    false,
    'Several providers have a model of that name; the handle must name one.',
  ),
  model_key_missing: entry(400, false, 'The provider of that model has no key in the environment.'),
  method_not_allowed: entry(405, false, 'The object exists but cannot be changed this way.'),
  request_timeout: entry(408, true, 'The request took longer than the server allows.'),
  conflict: entry(
    409,
    false,
    'The object changed, or already exists, in a way that excludes this request.',
  ),
  place_changed: entry(
    409,
    true,
    'The agent or the conversation was changed while a message to it was being accepted.',
  ),
  conversation_busy: entry(
    409,
    true,
    'Another request is running on the conversation and queueing was refused.',
  ),
  pending_approval: entry(
    409,
    false,
    'The conversation waits for an approval before it takes a message.',
  ),
  approval_not_pending: entry(400, false, 'No tool call waits for the approval that was given.'),
  approval_answered: entry(
    400,
    false,
    'The tool calls were answered before with something else, and the first answer stands.',
  ),
  otid_reused: entry(
    400,
    false,
    'An otid of the messages came with other words before, which stand.',
  ),
  approval_mismatch: entry(
    400,
    false,
    'An approval must be for exactly the tool calls that wait, and is for others.',
  ),
  payload_too_large: entry(413, false, 'The request body is larger than the server accepts.'),
  context_window_exceeded: entry(
    400,
    false,
    'The message cannot fit into the context window of the model.',
  ),
  embedding_dimension_mismatch: entry(
    400,
    false,
    'A vector has another number of dimensions than the others of its model.',
  ),
  vectors_unavailable: entry(
    501,
    false,
    'The database server lacks the extension that vectors need.',
  ),
  block_limit_exceeded: entry(422, false, 'The text is longer than the limit of its memory block.'),
  block_read_only: entry(400, false, 'The memory block may not be edited by the agent.'),
  llm_authentication: entry(401, false, 'The model provider rejected the key.'),
  llm_insufficient_credits: entry(
    402,
    false,
    'The model provider says the account has no credit left.',
  ),
  llm_permission_denied: entry(
    403,
    false,
    'The model provider does not allow this model to this key.',
  ),
  llm_rate_limit: entry(429, true, 'The model provider asks to slow down.'),
  llm_timeout: entry(504, true, 'The model provider did not answer in time.'),
  llm_bad_request: entry(400, false, 'The model provider rejected the request.'),
  llm_not_found: entry(404, false, 'The model provider does not know the model.'),
  llm_empty_response: entry(502, true, 'The model answered with neither text nor a tool call.'),
  llm_stream_cut: entry(
    502,
    true,
    'The stream of the model provider ended before its answer was complete.',
  ),
  llm_unreachable: entry(503, true, 'The endpoint of the model provider cannot be reached.'),
  llm_error: entry(500, true, 'The model provider failed in another way.'),
  tool_failed: entry(500, false, 'A tool ended with an error.'),
  lease_lost: entry(409, true, 'Another process has taken over the conversation.'),
  storage_newer: entry(500, false, 'The database was written by a newer version of the program.'),
  storage_corrupt: entry(500, false, 'The database file is damaged or is not a database.'),
  storage_partial_copy: entry(500, false, 'The database holds an unfinished copy of another one.'),
  storage_read_only: entry(503, false, 'The data folder cannot be written.'),
  storage_gone: entry(
    503,
    false,
    'The database file was removed or replaced while the program ran.',
  ),
  storage_disk_failed: entry(
    500,
    false,
    'The disk failed to store a change; nothing more is stored until the program is started again.',
  ),
  storage_full: entry(507, true, 'The disk is full.'),
  storage_busy: entry(503, true, 'The database stayed locked by another process for too long.'),
  storage_closed: entry(503, true, 'The store has been closed.'),
  storage_failed: entry(500, true, 'The database failed in another way.'),
  home_unusable: entry(500, false, 'The data folder cannot be created or used.'),
  port_in_use: entry(500, false, 'The port is taken by another program.'),
  server_unreachable: entry(503, true, 'No server answers at the address given.'),
  server_version_differs: entry(
    409,
    false,
    'The server on this data folder is another version of the program.',
  ),
  configuration_invalid: entry(500, false, 'A setting has a value that cannot be used.'),
  not_supported: entry(501, false, 'The feature is not part of this version.'),
  internal: entry(500, false, 'The program met a state it does not expect: a bug.'),
} as const satisfies Record<string, ErrorCodeEntry>

/** One of the codes of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes

function entry(status: number, retryable: boolean, meaning: string): ErrorCodeEntry {
  return { status, retryable, meaning }
}

/**
 * How a column holds words: plainly, in JSON text, in JSON text whose numbers are settings and nothing else, or as an
 * address, which leads nowhere without some of its words and is emptied.
 */
export type TextKind = 'text' | 'json' | 'settings' | 'address'

/** How a row of a table belongs to an agent, archive or block: by a column, directly or through what it names. */
export interface RowOwner {
  readonly column: string
  readonly of:
    | 'agent'
    | 'conversation'
    | 'message'
    | 'run'
    | 'turn'
    | 'archive'
    | 'block'
    /** Of no agent in particular: the column is empty then. */
    | 'tenant'
}

/** A table that holds words of people or models, or what was worked out from them. */
export interface TextTable {
  /** The columns that name a row within its tenant. */
  readonly key: readonly string[]
  /** The columns that rows are read by, in order; together unique. Default: the key. */
  readonly order?: readonly string[]
  /** Whose rows they are; one of them suffices. */
  readonly owners: readonly RowOwner[]
  /** The columns with words. Forgetting cuts words out of them. */
  readonly texts: Readonly<Record<string, TextKind>>
  /** Columns that name what a row was made from: JSON lists of the identifiers of messages, passages or blocks. */
  readonly sources?: string
  /**
   * What becomes of a row that was made from something forgotten. `remove`: it goes. `empty`: its words go.
   * `derive`: code of its own decides (blocks, whose other words stay). Default: nothing; what quotes is cut all the same.
   */
  readonly onSource?: 'remove' | 'empty' | 'derive'
  /** Columns without words that forgetting looks at. */
  readonly reads?: readonly string[]
  /** Columns of hashes by which a guess of the words could be checked: they go when words of their row or turn go. */
  readonly hashes?: readonly string[]
  /** Columns of texts that hold identifiers, fixed words or numbers only. */
  readonly names?: readonly string[]
  /** Columns whose words cannot be cut, such as those of the key: a row whose words have to go is removed. */
  readonly wholeTexts?: readonly string[]
  /** The column that names the row's texts in the search index and among the vectors. */
  readonly itemId?: string
}

const ofAgent: readonly RowOwner[] = [{ column: 'agent_id', of: 'agent' }]
const ofConversation: readonly RowOwner[] = [{ column: 'conversation_id', of: 'conversation' }]
const ofArchive: readonly RowOwner[] = [{ column: 'archive_id', of: 'archive' }]

/**
 * Every table that may hold something a person said or a model wrote, and how forgetting reaches it. A test compares this
 * list and {@link wordlessTables} with the columns of a real database of each engine: a new table or column fails it until
 * somebody has said what forgetting does with it.
 */
export const textTables = {
  agents: {
    key: ['id'],
    owners: [{ column: 'id', of: 'agent' }],
    texts: {
      name: 'text',
      system: 'text',
      description: 'text',
      metadata: 'json',
      tags: 'json',
      tool_rules: 'settings',
      model_settings: 'settings',
      extra: 'json',
    },
    // Secrets are encrypted and never part of what is said.
    names: [
      'agent_type',
      'model',
      'embedding',
      'tool_ids',
      'secrets',
      'timezone',
      'created_by_id',
      'updated_by_id',
      'memory_mode',
      'consolidation',
    ],
  },
  agent_tags: { key: ['agent_id', 'tag'], owners: ofAgent, texts: {}, wholeTexts: ['tag'] },
  blocks: {
    key: ['id'],
    owners: [{ column: 'id', of: 'block' }],
    texts: {
      label: 'text',
      value: 'text',
      description: 'text',
      metadata: 'json',
      tags: 'json',
      extra: 'json',
    },
    reads: ['version'],
    names: ['created_by_id', 'updated_by_id'],
  },
  block_versions: {
    key: ['block_id', 'version'],
    owners: [{ column: 'block_id', of: 'block' }],
    texts: {
      label: 'text',
      value: 'text',
      description: 'text',
      reason: 'text',
      details: 'json',
    },
    sources: 'source_message_ids',
    onSource: 'derive',
    reads: ['created_at'],
    names: ['actor'],
  },
  archives: {
    key: ['id'],
    owners: [{ column: 'id', of: 'archive' }],
    texts: { name: 'text', description: 'text', metadata: 'json' },
    names: ['embedding', 'created_by_id'],
  },
  passages: {
    key: ['id'],
    owners: ofArchive,
    texts: { text: 'text', tags: 'json', metadata: 'json' },
    sources: 'source_message_ids',
    onSource: 'remove',
    reads: ['archive_id', 'created_at', 'version'],
    names: ['origin', 'created_by_id'],
    itemId: 'id',
  },
  passage_tags: {
    key: ['archive_id', 'tag', 'passage_id'],
    owners: ofArchive,
    texts: {},
    wholeTexts: ['tag'],
  },
  passage_versions: {
    key: ['passage_id', 'version'],
    owners: ofArchive,
    texts: { item: 'json' },
    names: ['archive_id'],
  },
  facts: {
    key: ['id', 'version'],
    owners: ofAgent,
    texts: {},
    // What holds follows from the facts that are there: an older value holds again when a newer one is forgotten.
    wholeTexts: ['subject', 'attribute', 'value', 'slot', 'value_key', 'reason'],
    sources: 'source_message_ids',
    onSource: 'remove',
    reads: ['valid_from', 'closed_at'],
    names: ['agent_id', 'kind', 'origin', 'actor'],
    itemId: 'id',
  },
  memory_changes: {
    key: ['number'],
    owners: [
      { column: 'agent_id', of: 'agent' },
      { column: 'owner_id', of: 'agent' },
      { column: 'owner_id', of: 'archive' },
      { column: 'owner_id', of: 'block' },
    ],
    texts: { label: 'text', reason: 'text' },
    sources: 'source_message_ids',
    onSource: 'derive',
    reads: ['subject', 'item_id', 'action', 'version', 'run_id'],
    // The hashes tell a guess of a short text from the text: those of what is cut or removed go with it.
    names: ['owner_id', 'before_hash', 'after_hash', 'agent_id', 'actor'],
  },
  memory_proposals: {
    key: ['number'],
    owners: ofAgent,
    texts: { edit: 'json', reason: 'text' },
    sources: 'source_message_ids',
    onSource: 'remove',
    reads: ['run_id'],
    names: ['agent_id', 'state', 'actor', 'settled_by_id'],
  },
  conversations: {
    key: ['id'],
    owners: ofAgent,
    texts: { summary: 'text', model_settings: 'settings' },
    reads: ['is_default', 'system_message_id'],
    names: ['agent_id', 'model', 'state'],
  },
  messages: {
    key: ['id'],
    order: ['agent_id', 'sequence'],
    owners: ofAgent,
    texts: {
      content: 'json',
      tool_calls: 'json',
      tool_returns: 'json',
      approvals: 'json',
      name: 'text',
      // A client chooses these.
      otid: 'text',
      sender_id: 'text',
      group_id: 'text',
    },
    reads: ['role', 'conversation_id', 'run_id', 'step_id', 'searchable', 'created_at'],
    names: ['agent_id', 'model'],
    itemId: 'id',
  },
  summary_sources: {
    key: ['summary_id', 'position'],
    owners: [{ column: 'message_id', of: 'message' }],
    // Which messages a summary stands for: a summary of something forgotten is written anew.
    texts: {},
    reads: ['message_id'],
  },
  conversation_items: {
    key: ['conversation_id', 'position'],
    owners: ofConversation,
    texts: { tail_text: 'text' },
    sources: 'tail_sources',
    onSource: 'remove',
    names: ['message_id'],
  },
  turns: {
    key: ['id'],
    owners: ofAgent,
    texts: { options: 'settings', waiting_for: 'json' },
    reads: ['agent_id', 'conversation_id', 'state', 'message_ids'],
    names: ['stop_reason', 'run_id', 'scope', 'stop_request'],
  },
  runs: {
    key: ['id'],
    owners: ofAgent,
    texts: {
      metadata: 'json',
      request_config: 'settings',
      callback_url: 'address',
      callback_error: 'text',
    },
    reads: ['turn_id'],
    // By it a request that comes again is known for a while; afterwards it would only tell a guess of it.
    hashes: ['request_hash'],
    names: ['agent_id', 'conversation_id', 'status', 'stop_reason'],
  },
  steps: {
    key: ['id'],
    owners: ofAgent,
    texts: { error: 'json' },
    reads: ['turn_id'],
    names: ['run_id', 'agent_id', 'conversation_id', 'model', 'provider', 'status', 'stop_reason'],
  },
  tool_calls: {
    key: ['step_id', 'index'],
    owners: [{ column: 'turn_id', of: 'turn' }],
    texts: { arguments: 'json', result: 'json' },
    reads: ['turn_id'],
    names: ['call_id', 'name', 'state'],
  },
  events: {
    key: ['run_id', 'sequence'],
    owners: [{ column: 'run_id', of: 'run' }],
    texts: { body: 'json' },
  },
  signals: {
    key: ['conversation_id', 'id'],
    owners: ofConversation,
    texts: { name: 'text', payload: 'json' },
    // A client may choose it.
    wholeTexts: ['id'],
    reads: ['created_at'],
  },
  schedules: {
    key: ['id'],
    owners: ofAgent,
    texts: { input: 'json', last_error: 'text' },
    reads: ['conversation_id'],
    names: ['agent_id', 'creator', 'timing', 'missed', 'state', 'last_run_id'],
  },
  jobs: {
    key: ['id'],
    // An error that a service told the tenant's own jobs may repeat what it was sent.
    owners: [
      { column: 'lane', of: 'agent' },
      { column: 'lane', of: 'tenant' },
    ],
    texts: { payload: 'json', last_error: 'text', result: 'json' },
    names: ['kind', 'state', 'owner', 'lane'],
  },
  imported_messages: {
    key: ['agent_id', 'otid'],
    owners: ofAgent,
    // The key that keeps a message from being brought in twice: it stays, so that a forgotten message stays away.
    texts: {},
    wholeTexts: ['otid'],
    names: ['conversation_id', 'message_id'],
  },
  accepted_otids: {
    key: ['conversation_id', 'otid'],
    owners: ofConversation,
    texts: {},
    wholeTexts: ['otid'],
    reads: ['run_id'],
  },
} as const satisfies Readonly<Record<string, TextTable>>

/** The name of a table with words. */
export type TextTableName = keyof typeof textTables

/** The names of the tables with words. */
export const textTableNames = Object.keys(textTables) as readonly TextTableName[]

/** A table with words, by its name. */
export function textTable(name: TextTableName): TextTable {
  return textTables[name]
}

/** The columns that are read of a table with words, in order. */
export function readColumns(name: TextTableName): readonly string[] {
  const {
    key,
    texts,
    sources,
    wholeTexts = [],
    hashes = [],
    reads = [],
    order = [],
  } = textTable(name)
  const columns = [...key, ...Object.keys(texts), ...wholeTexts, ...hashes, ...reads, ...order]
  return [...new Set(sources === undefined ? columns : [...columns, sources])]
}

/** The place of a row in the order its table is read in. */
export function placeOf(
  name: TextTableName,
  row: Readonly<Record<string, string | number | null>>,
): readonly (string | number)[] {
  const { key, order = key } = textTable(name)
  return order.map((column) => row[column] ?? '')
}

/** Every other table, and why forgetting need not cut words out of it. */
export const wordlessTables: Readonly<Record<string, string>> = {
  access_keys: 'hashed keys and the names an administrator gave them',
  agent_activity: 'numbers and times',
  agent_archives: 'identifiers',
  agent_blocks: 'identifiers',
  agent_counts: 'numbers',
  conversation_heads: 'numbers and the names of processes',
  database_facts: 'what the database is',
  fact_sources: 'identifiers; rows go with their fact or message',
  forget_receipts: 'numbers, times and fixed phrases',
  inbox: 'identifiers; rows go with their turn',
  memory_numbers: 'numbers',
  migrations: 'the names of migrations',
  prompt_prefixes: 'made from other rows; every one of the agent is removed and built anew',
  search_documents: 'terms of one message or passage; removed or replaced with its text',
  search_index: 'the full-text index over search_documents; rewritten with it',
  search_scopes: 'numbers',
  search_threads: 'numbers, identifiers and hashes of labels',
  search_vocabulary: 'a view of the full-text index',
  sequences: 'numbers',
  token_factors: 'numbers and the handles of models',
  tenants: 'the name an administrator gave',
  users: 'the name an administrator gave',
  vector_scopes: 'numbers',
  vectors: 'vectors of one message or passage; removed with its text',
}

import { modelRoutes } from './model-routes.ts'
import {
  defineChoice,
  defineDatabaseUrl,
  defineInteger,
  defineList,
  defineSwitch,
  defineText,
  defineUrl,
} from './setting.ts'

/** Every setting of the product by its name in the program; docs/config.md is generated from it. */
export const settingDefinitions = {
  home: defineText({
    variable: 'LETTA_HOME',
    description: 'The folder that holds the database, the key file and the log.',
    defaultText: "the platform's data folder for `letta-ts`",
  }),
  databaseUrl: defineDatabaseUrl({
    variable: 'DATABASE_URL',
    description:
      'The PostgreSQL database that holds everything, as `postgres://user:password@host:port/name`, instead of the one in the data folder.',
    defaultText: 'none: the database in the data folder',
  }),
  databasePool: defineInteger({
    variable: 'LETTA_DATABASE_POOL',
    description:
      'The most connections to PostgreSQL at once; one more listens for the news of other processes.',
    min: 1,
    max: 1000,
    default: 10,
  }),
  baseUrl: defineUrl({
    variable: 'LETTA_BASE_URL',
    description:
      'The server that the CLI and the SDK speak to, instead of the one on the data folder.',
    defaultText: 'a server running on the data folder, else none: the program runs in the process',
  }),
  apiKey: defineText({
    variable: 'LETTA_API_KEY',
    description: 'The key that the CLI and the SDK send to a server.',
    defaultText: 'none',
    secret: true,
  }),
  host: defineText({
    variable: 'LETTA_HOST',
    description: 'The address `letta server` listens on. Any but a loopback address needs a key.',
    defaultText: '`127.0.0.1`',
  }),
  port: defineInteger({
    variable: 'LETTA_PORT',
    description: 'The port `letta server` listens on; 0 takes a free one.',
    min: 0,
    max: 65_535,
    default: 8283,
  }),
  allowedHosts: defineList({
    variable: 'LETTA_ALLOWED_HOSTS',
    description:
      'Host names, besides loopback ones, that requests may name in their `Host` header.',
    defaultText: 'none',
  }),
  allowedOrigins: defineList({
    variable: 'ACCEPTABLE_ORIGINS',
    description: "Origins, besides the server's own, whose web pages may call the API.",
    defaultText: 'none',
  }),
  bodyLimit: defineInteger({
    variable: 'LETTA_BODY_LIMIT',
    description: 'The longest request body in bytes; longer ones are refused with status 413.',
    min: 1024,
    max: 1_073_741_824,
    default: 4 * 1024 * 1024,
  }),
  busy: defineChoice({
    variable: 'LETTA_BUSY',
    description:
      'What happens to a message for a conversation that is busy: it waits its turn, or is refused with status 409. A request may ask for either in its header `x-letta-busy`.',
    choices: ['queue', 'reject'],
    default: 'queue',
  }),
  concurrentTurns: defineInteger({
    variable: 'LETTA_CONCURRENT_TURNS',
    description:
      'How many turns one process carries on at once; further ones wait, or are taken by another server of the same database. Those of schedules and sleep-time agents leave a quarter of them free for what is said meanwhile; turns that nobody asked this process for, as after a crash, have a quarter.',
    min: 1,
    max: 10_000,
    default: 64,
  }),
  recallTokens: defineInteger({
    variable: 'LETTA_RECALL_TOKENS',
    description:
      'How many tokens of what is stored but not in view a turn may look up for what the user says, and never more than a sixteenth of the window; 0 = nothing is looked up.',
    min: 0,
    max: 100_000,
    default: 1000,
  }),
  forgetRewriteMegabytes: defineInteger({
    variable: 'LETTA_FORGET_REWRITE_MB',
    description:
      'On PostgreSQL: up to which size with its indexes a table is written anew when something is forgotten, in MB, so that no byte of it stays in free space. Nobody can use a table meanwhile: 500 MB take 3 to 6 seconds. Receipts name larger ones.',
    min: 0,
    max: 10_000_000,
    default: 512,
  }),
  summaryTimeoutSeconds: defineInteger({
    variable: 'LETTA_SUMMARY_TIMEOUT_SECONDS',
    description:
      'How long a turn waits for the summary of what leaves its view before extracts take its place.',
    min: 1,
    max: 3600,
    default: 30,
  }),
  defaultModel: defineText({
    variable: 'LETTA_DEFAULT_LLM_HANDLE',
    description: 'The model that `letta/auto` stands for, as `provider/model`.',
    defaultText: 'the first provider with a key, else the offline mode',
  }),
  defaultEmbedding: defineText({
    variable: 'LETTA_DEFAULT_EMBEDDING_HANDLE',
    description: 'The embedding model of new agents, as `provider/model`.',
    defaultText: 'none: search by words',
  }),
  modelRoutes,
  toolsModule: defineText({
    variable: 'LETTA_TOOLS',
    description:
      "The ES module that an operator's own tools come from; see docs/operator-tools.md.",
    defaultText: 'none',
  }),
  idleExitMinutes: defineInteger({
    variable: 'LETTA_IDLE_EXIT_MINUTES',
    description:
      'After how many minutes without requests and open work a server that `letta server start` or `--detach` started in the background ends; 0 = never.',
    min: 0,
    max: 10_080,
    default: 15,
  }),
  eventRetentionDays: defineInteger({
    variable: 'LETTA_EVENT_RETENTION_DAYS',
    description:
      'How many days the numbered events of an ended run are kept, from which its stream can be shown again; 0 = for ever. Messages and runs stay.',
    min: 0,
    max: 36_500,
    default: 7,
  }),
  outboundAllow: defineList({
    variable: 'LETTA_OUTBOUND_ALLOW',
    description:
      'Host names, IP addresses and networks such as `10.1.0.0/16` outside the public Internet that callbacks may reach; `*` allows all.',
    defaultText: 'none: the public Internet only',
  }),
  secretKey: defineText({
    variable: 'LETTA_SECRET_KEY',
    description:
      'What stored secrets are encrypted with: 64 hexadecimal digits, or any text of 16 characters or more. Replicas of one database share it.',
    defaultText: 'a key file in the data folder, made when first needed',
    secret: true,
  }),
  logLevel: defineChoice({
    variable: 'LETTA_LOG_LEVEL',
    description: 'How much is logged.',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'warn',
  }),
  logFile: defineSwitch({
    variable: 'LETTA_LOG_FILE',
    description:
      'Whether the log goes to `letta.log` in the data folder instead of standard error.',
    default: false,
  }),
}

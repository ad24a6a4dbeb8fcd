import { join } from 'node:path'
import { destination, pino, type DestinationStream, type Logger } from 'pino'

/** Where and how much to log. */
export interface LoggerOptions {
  /** The lowest level that is written; `silent` writes nothing. */
  readonly level: string
  /** A stream, or `stderr`, or the data folder, where the log is `letta.log`. */
  readonly to: DestinationStream | 'stderr' | { readonly home: string }
}

/** The name of the log file in the data folder. */
export const logFile = 'letta.log'

/** Fields that never reach the log, wherever they stand in an object up to two levels deep. */
const secretFields = [
  'apiKey',
  'api_key',
  'authorization',
  'Authorization',
  'cookie',
  'key',
  'password',
  'secret',
  'secretKey',
  'secrets',
  'token',
  'localToken',
  'x-api-key',
]

/**
 * A logger that writes one JSON object a line, to standard error or a file and never to standard output, with the
 * values of fields that hold secrets replaced. Writing is synchronous, so nothing is lost when the process ends.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      redact: {
        paths: secretFields.flatMap((name) => {
          const field = name.includes('-') ? `["${name}"]` : name
          const nested = name.includes('-') ? field : `.${field}`
          return [field, `*${nested}`, `*.*${nested}`]
        }),
        censor: '[secret]',
      },
    },
    toStream(options.to),
  )
}

function toStream(to: LoggerOptions['to']): DestinationStream {
  if (to === 'stderr') return destination({ dest: 2, sync: true })
  if ('home' in to) {
    return destination({ dest: join(to.home, logFile), sync: true, mkdir: true, mode: 0o600 })
  }
  return to
}

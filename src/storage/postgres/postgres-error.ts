import { AppError, errorMessage } from '../../errors/app-error.ts'
import type { ErrorCode } from '../../errors/error-codes.ts'

/** The conditions of PostgreSQL that the store tells apart. */
export const sqlStates = {
  divisionByZero: '22012',
  uniqueViolation: '23505',
  readOnlyTransaction: '25006',
  transactionAborted: '25P02',
  wrongPassword: '28P01',
  noSuchRole: '28000',
  noSuchDatabase: '3D000',
  noSuchSchema: '3F000',
  serialization: '40001',
  deadlock: '40P01',
  notPermitted: '42501',
  diskFull: '53100',
  outOfMemory: '53200',
  tooManyConnections: '53300',
  valueTooLong: '54000',
  lockTimeout: '55P03',
  cancelled: '57014',
  shutdown: '57P01',
  crashed: '57P02',
  starting: '57P03',
  protocolViolation: '08P01',
  statementExists: '42P05',
  noStatement: '26000',
  noEncoding: '22021',
  corruptData: 'XX001',
  corruptIndex: 'XX002',
} as const

/** What the network says when a server cannot be reached or went away. */
const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
])

/** What the driver says without a code. */
const lostMessage =
  /connection terminated|connection error|client was closed|not queryable|connection closed|socket hang up/i

/** What the driver says when the server asks for a password and the URL has none. */
const passwordMessage = /client password must be/i

/** What the driver says of a certificate whose signature leads to nobody that is known. */
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const slowMessage = /timeout exceeded when trying to connect|read timeout/i

/** The code of an error of the server or of the network; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof AggregateError) return sqlState(error.errors[0])
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether the connection is gone or could not be made, so that another one may work. */
export function isConnectionLost(error: unknown): boolean {
  const code = sqlState(error)
  if (code === undefined) return error instanceof Error && lostMessage.test(error.message)
  return (
    networkCodes.has(code) ||
    code.startsWith('08') ||
    code === sqlStates.shutdown ||
    code === sqlStates.crashed ||
    code === sqlStates.starting
  )
}

/** Whether two operations got in each other's way, so that the same one may succeed at once. */
export function isClash(error: unknown): boolean {
  const code = sqlState(error)
  return code === sqlStates.serialization || code === sqlStates.deadlock
}

/** Anything thrown on the way to the server as the error the store promises; `AppError` stays as it is. */
export function toStorageError(error: unknown, location: string): AppError {
  if (error instanceof AppError) return error
  const entry = describe(error)
  return new AppError(entry.code, `Cannot use the database ${location}: ${entry.state}`, {
    cause: error,
    data: { location },
  })
}

interface Description {
  readonly code: ErrorCode
  readonly state: string
}

const sharedConnection: Description = {
  code: 'storage_failed',
  state:
    'a pooler shares the connection with others. Connect directly, or through a pooler in session mode.',
}

const descriptions: Readonly<Record<string, Description>> = {
  [sqlStates.uniqueViolation]: {
    code: 'conflict',
    state: 'an object with the same identifier exists. Use another identifier.',
  },
  [sqlStates.wrongPassword]: {
    code: 'storage_failed',
    state: 'the server refused the user or the password. Correct them in the database URL.',
  },
  [sqlStates.noSuchRole]: {
    code: 'storage_failed',
    state: 'the server does not let this user in. Correct the user in the database URL.',
  },
  [sqlStates.noSuchDatabase]: {
    code: 'storage_failed',
    state: 'the server has no database of this name. Create it with createdb, or correct the URL.',
  },
  [sqlStates.noSuchSchema]: {
    code: 'storage_failed',
    state: 'the user has no schema to create tables in. Set its search_path.',
  },
  [sqlStates.notPermitted]: {
    code: 'storage_failed',
    state: 'the user may not do what is needed. Make it the owner of the database.',
  },
  [sqlStates.readOnlyTransaction]: {
    code: 'storage_read_only',
    state: 'the server only reads. Use the URL of the primary server.',
  },
  [sqlStates.diskFull]: {
    code: 'storage_full',
    state: "the server's disk is full. Free some space and try again.",
  },
  [sqlStates.outOfMemory]: {
    code: 'storage_busy',
    state: 'the server has no memory left. Try again, or give it more.',
  },
  [sqlStates.tooManyConnections]: {
    code: 'storage_busy',
    state: 'the server accepts no more connections. Make the pools smaller, or raise its limit.',
  },
  [sqlStates.valueTooLong]: {
    code: 'storage_failed',
    state: 'a value is longer than an index can hold. Make names, labels and tags shorter.',
  },
  [sqlStates.lockTimeout]: {
    code: 'storage_busy',
    state: 'another process keeps a row locked. Try again, or stop that process.',
  },
  [sqlStates.deadlock]: {
    code: 'storage_busy',
    state: 'other operations kept getting in the way. Try again.',
  },
  [sqlStates.serialization]: {
    code: 'storage_busy',
    state: 'other operations kept getting in the way. Try again.',
  },
  [sqlStates.cancelled]: {
    code: 'storage_busy',
    state: 'a statement took too long and was cancelled. Try again, or look at the load.',
  },
  [sqlStates.starting]: {
    code: 'storage_busy',
    state: 'the server is starting or stopping. Try again in a moment.',
  },
  [sqlStates.protocolViolation]: {
    code: 'storage_failed',
    state:
      'what answers there refuses the connection. Look at the log of the pooler, if that is one, or connect directly.',
  },
  [sqlStates.statementExists]: sharedConnection,
  [sqlStates.noStatement]: sharedConnection,
  [sqlStates.noEncoding]: {
    code: 'storage_failed',
    state: 'a text holds a character that it cannot store. Remove NUL characters.',
  },
  [sqlStates.corruptData]: {
    code: 'storage_corrupt',
    state: 'the server found damaged data. Restore a backup.',
  },
  [sqlStates.corruptIndex]: {
    code: 'storage_corrupt',
    state: 'the server found a damaged index. Run REINDEX, or restore a backup.',
  },
}

/** What stands in the way of a connection by TLS; undefined when it is something else. */
function describeSecurity(error: unknown): Description | undefined {
  const state = securityStates.find(
    ({ isCause }) => error instanceof Error && isCause(error),
  )?.state
  return state === undefined ? undefined : { code: 'storage_failed', state }
}

const securityStates: readonly {
  readonly isCause: (error: Error) => boolean
  readonly state: string
}[] = [
  {
    isCause: ({ message }) => /does not support SSL connections/i.test(message),
    state:
      'the URL asks for TLS and the server has none. Remove sslmode from the URL, or turn on ssl in the server.',
  },
  {
    // The only files that the URL names are certificates and keys.
    isCause: (error) => 'syscall' in error && error.syscall === 'open',
    state: 'a certificate or key that the URL names cannot be read. Correct its path.',
  },
  {
    isCause: (error) => sqlState(error) === 'CERT_HAS_EXPIRED',
    state: "the server's certificate has expired. Renew it.",
  },
  {
    isCause: (error) => sqlState(error) === 'ERR_TLS_CERT_ALTNAME_INVALID',
    state:
      "the server's certificate is for another host. Write the host in the URL as the certificate names it.",
  },
  {
    isCause: (error) => untrusted.has(sqlState(error) ?? ''),
    state:
      "nobody who is trusted here signed the server's certificate. Add sslrootcert=<file> with its authority to the URL, or sslmode=no-verify to encrypt without proof of who it is.",
  },
]

function describe(error: unknown): Description {
  const known = descriptions[sqlState(error) ?? ''] ?? describeSecurity(error)
  if (known !== undefined) return known
  if (isConnectionLost(error)) {
    return {
      code: 'storage_failed',
      state: 'the server cannot be reached. Start it, or correct host and port in the URL.',
    }
  }
  if (error instanceof Error && slowMessage.test(error.message)) {
    return {
      code: 'storage_busy',
      state: 'no connection became free in time. Try again, or make the pool larger.',
    }
  }
  if (error instanceof Error && passwordMessage.test(error.message)) {
    return {
      code: 'storage_failed',
      state: 'the server asks for a password and the URL has none. Add it to the database URL.',
    }
  }
  return { code: 'storage_failed', state: `${errorMessage(error)}. Look at the log.` }
}

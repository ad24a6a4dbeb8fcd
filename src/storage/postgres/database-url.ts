import { AppError } from '../../errors/app-error.ts'

/** Where a database is, without what must not be shown. */
export interface DatabaseAddress {
  /** What the driver gets. */
  readonly connectionString: string
  /** The URL without user and password. */
  readonly location: string
}

/**
 * Reads a `postgres://` URL. Throws `configuration_invalid`; no message ever holds the URL itself, because it may
 * hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  if (/^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]*,/i.test(url)) {
    throw invalid('it names several hosts. Write one, or a name that leads to the primary server')
  }
  const withHost = nameHost(url)
  const parsed = URL.canParse(withHost) ? new URL(withHost) : null
  if (parsed === null || !areDecodable(parsed)) {
    throw invalid(
      'it is not a URL. Write postgres://user:password@host:port/name, with special characters in user and password as %XX',
    )
  }
  const name = decodeURIComponent(parsed.pathname.slice(1))
  if (name === '') throw invalid('it names no database. Add the name after the host: /name')
  if (/[?#]/.test(name)) {
    throw invalid(
      'the driver cannot ask for a database with ? or # in its name. Rename the database',
    )
  }
  // The driver decodes a name as it does a whole path, so that %2F would stay as it is.
  parsed.pathname = `/${encodeURI(name)}`
  nameVerification(parsed.searchParams)
  const host = parsed.searchParams.get('host') ?? parsed.host
  return { connectionString: parsed.href, location: `postgres://${host}${parsed.pathname}` }
}

/** A user without a host, as in `postgres://me@/letta?host=/run/postgresql`, is usual for sockets and no URL. */
function nameHost(url: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?#])/i, '$1localhost')
}

/** The driver takes these for `verify-full` and prints a warning each time; so they are called what they are. */
function nameVerification(parameters: URLSearchParams): void {
  const isStrict = !parameters.has('uselibpqcompat')
  const mode = parameters.get('sslmode') ?? ''
  if (isStrict && verifyingModes.has(mode)) parameters.set('sslmode', 'verify-full')
}

const verifyingModes: ReadonlySet<string> = new Set(['prefer', 'require', 'verify-ca'])

function areDecodable({ username, password, pathname }: URL): boolean {
  try {
    for (const text of [username, password, pathname]) decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function invalid(state: string): AppError {
  return new AppError('configuration_invalid', `Cannot read the database URL: ${state}.`)
}

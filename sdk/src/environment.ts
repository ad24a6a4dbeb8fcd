import process from 'node:process'

/** The variables the client itself looks at. */
export interface ClientEnvironment {
  /** `LETTA_BASE_URL`: the server to use. */
  readonly baseUrl: string | null
  /** `LETTA_API_KEY`: the key to send. */
  readonly apiKey: string | null
  /** `LETTA_HOME`: the data folder. */
  readonly home: string | null
}

/** Reads them; empty counts as absent. The only place in the SDK that looks at the environment. */
export function readClientEnvironment(): ClientEnvironment {
  const { LETTA_BASE_URL, LETTA_API_KEY, LETTA_HOME } = process.env
  return {
    baseUrl: present(LETTA_BASE_URL),
    apiKey: present(LETTA_API_KEY),
    home: present(LETTA_HOME),
  }
}

/** The variables that decide where the platform keeps an application's data. */
export function readFolderVariables(): Readonly<
  Record<'LOCALAPPDATA' | 'XDG_DATA_HOME', string | null>
> {
  const { LOCALAPPDATA, XDG_DATA_HOME } = process.env
  return { LOCALAPPDATA: present(LOCALAPPDATA), XDG_DATA_HOME: present(XDG_DATA_HOME) }
}

function present(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim()
}

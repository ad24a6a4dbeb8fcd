import process from 'node:process'

/** Names and values of environment variables; absent and empty mean the same. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A copy of the process's environment: the only place in the product that looks at it. */
export function readEnvironment(): Environment {
  return { ...process.env }
}

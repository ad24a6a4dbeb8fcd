import type { AppParts } from '../app-parts.ts'

/** Secrets as they are stored. */
export function sealSecrets(
  { secrets: box }: Pick<AppParts, 'secrets'>,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, box.encrypt(value)]),
  )
}

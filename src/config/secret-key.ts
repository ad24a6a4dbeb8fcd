import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import { systemReason } from '../errors/system-reason.ts'
import { createPrivateFile, readFileIfPresent } from './platform.ts'

/** The name of the key file in the data folder. */
export const secretKeyFile = 'secret.key'

const shortestKey = 16

/** The two settings that decide the key. */
export interface SecretKeySettings {
  /** The data folder. */
  readonly home: string
  /** `LETTA_SECRET_KEY`, or null. */
  readonly secretKey: string | null
}

/**
 * The 32 bytes that stored secrets are encrypted with: from the setting, else from the key file, which is made when
 * there is none. Two processes that start at once get the same key.
 *
 * A text of 64 hexadecimal digits is the key itself; any other text of 16 characters or more is hashed (SHA-256).
 *
 * @throws AppError `configuration_invalid` for a setting that is too short, `home_unusable` when the file can be
 * neither read nor made, or is empty.
 */
export function loadSecretKey(settings: SecretKeySettings): Uint8Array {
  if (settings.secretKey !== null) return keyOfSetting(settings.secretKey)
  const path = join(settings.home, secretKeyFile)
  const text = readOrCreate(path).trim()
  if (text.length >= shortestKey) return toKey(text)
  throw new AppError(
    'home_unusable',
    `Cannot use the key file ${path}: it is empty or cut. ` +
      'Restore it from a backup, or delete it and set the stored secrets again.',
  )
}

function keyOfSetting(text: string): Uint8Array {
  if (text.length >= shortestKey) return toKey(text)
  throw new AppError(
    'configuration_invalid',
    `Cannot use the setting LETTA_SECRET_KEY: its value is shorter than ${shortestKey} characters. ` +
      'Use 64 hexadecimal digits, such as `openssl rand -hex 32` prints.',
    { data: { variable: 'LETTA_SECRET_KEY' } },
  )
}

function toKey(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'))
  return Uint8Array.from(createHash('sha256').update(text).digest())
}

function readOrCreate(path: string): string {
  try {
    return (
      readFileIfPresent(path) ?? createPrivateFile(path, `${randomBytes(32).toString('hex')}\n`)
    )
  } catch (error) {
    throw new AppError(
      'home_unusable',
      `Cannot read or create the key file ${path}: ${systemReason(error)}. ` +
        'Make the data folder readable and writable, or set LETTA_HOME.',
      { cause: error },
    )
  }
}

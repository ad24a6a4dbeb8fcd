import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'

/** Encrypts what must never be readable in the database. */
export interface SecretBox {
  /** The text encrypted and authenticated, as printable text; different at each call. */
  encrypt(text: string): string
  /**
   * The text again.
   *
   * @throws AppError `configuration_invalid` when it was encrypted with another key, or was changed.
   */
  decrypt(sealed: string): string
}

const algorithm = 'aes-256-gcm'
const version = 'v1'
const ivLength = 12
const tagLength = 16

/**
 * A box for one key of 32 bytes (AES-256-GCM; a sealed text is `v1.` and the base64url of nonce, tag and data).
 *
 * @throws AppError `configuration_invalid` when the key has another length.
 */
export function createSecretBox(key: Uint8Array): SecretBox {
  if (key.length !== 32) {
    throw new AppError(
      'configuration_invalid',
      `Cannot encrypt secrets: the key has ${key.length} bytes instead of 32. Restore the key file of the data folder.`,
    )
  }
  return {
    encrypt: (text) => {
      const nonce = randomBytes(ivLength)
      const cipher = createCipheriv(algorithm, key, nonce)
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const sealed = Buffer.concat([nonce, cipher.getAuthTag(), data])
      return `${version}.${sealed.toString('base64url')}`
    },
    decrypt: (sealed) => open(key, sealed),
  }
}

function open(key: Uint8Array, sealed: string): string {
  const [prefix, encoded] = sealed.split('.')
  const bytes = Buffer.from(encoded ?? '', 'base64url')
  try {
    if (prefix !== version) throw new TypeError(`unknown format ${prefix}`)
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), {
      authTagLength: tagLength,
    })
    decipher.setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
    const rest = bytes.subarray(ivLength + tagLength)
    return Buffer.concat([decipher.update(rest), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new AppError(
      'configuration_invalid',
      'Cannot decrypt a secret: it was encrypted with another key. Restore the key file of the data folder, or set the secret again.',
      { cause },
    )
  }
}

import type { AccessRole } from './scope.ts'

/** A key to the API. The secret itself is shown once, at creation; only its hash is stored. */
export interface AccessKey {
  /** `key-<uuid4>`. */
  readonly id: string
  readonly tenantId: string
  readonly userId: string
  readonly name: string
  readonly role: AccessRole
  /** The agents the key may reach; null = all of its tenant. */
  readonly agentIds: readonly string[] | null
  /** The first characters of the secret, to recognise it by. */
  readonly hint: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

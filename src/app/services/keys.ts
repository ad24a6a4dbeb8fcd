import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AccessKey } from '../../domain/access-key.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { defaultScope, systemScope, type AccessRole, type TenantScope } from '../../domain/scope.ts'
import { Recently } from '../../util/recently.ts'
import type { AppParts } from '../app-parts.ts'
import { OpenAccess } from './open-access.ts'

/** What a new key is allowed. */
export interface KeyDraft {
  readonly name: string
  readonly role: AccessRole
  /** The agents it may reach; null = all. */
  readonly agentIds: readonly string[] | null
}

/** Keys to the API, and who a request comes from. */
export interface KeyService {
  /** Makes a key. The secret is in the result and nowhere else: only its hash is stored. */
  create(
    scope: TenantScope,
    draft: KeyDraft,
  ): Promise<{ readonly key: AccessKey; readonly secret: string }>
  /** All keys of the tenant, newest first, revoked ones too. */
  list(scope: TenantScope): Promise<readonly AccessKey[]>
  /** Revokes a key. `not_found`. */
  revoke(scope: TenantScope, id: string): Promise<AccessKey>
  /** Whether a key that is not revoked exists. */
  exist(): Promise<boolean>
  /**
   * The scope of a request with this secret. Without any key in the database, and unless `requireKey`, everybody is the
   * default user, whatever they send; otherwise null for a secret that is absent, unknown or revoked. The first key is asked
   * for at once in the process that made it, and within a second in others.
   */
  authenticate(
    secret: string | null,
    options: { readonly requireKey: boolean },
  ): Promise<TenantScope | null>
}

/** How every secret begins. */
const prefix = 'sk-letta-'

/** How often the use of one key is written down, in milliseconds. */
const touchInterval = 60_000

/** Makes the service of keys. */
export function createKeyService({ store, ids, clock, settings, logger }: AppParts): KeyService {
  const touched = new Recently(touchInterval)
  const countKeys = async (): Promise<number> => await store.countActiveKeys(systemScope)
  const access = new OpenAccess(clock, countKeys)

  function touch(key: AccessKey): void {
    const at = clock.now()
    if (!touched.meet(key.id, at)) return
    store.touchKey(systemScope, { id: key.id, at }).catch((error: unknown) => {
      logger.warn({ err: error, keyId: key.id }, 'cannot write down the use of a key')
    })
  }

  return {
    async create(scope, draft) {
      const secret = `${prefix}${randomBytes(32).toString('base64url')}`
      const key: AccessKey = {
        id: newIdentifier(ids, 'key'),
        tenantId: scope.tenantId,
        userId: scope.userId,
        ...draft,
        hint: secret.slice(0, prefix.length + 4),
        createdAt: clock.now(),
        lastUsedAt: null,
        revokedAt: null,
      }
      try {
        return { key: await store.createKey(scope, { key, hash: hashOf(secret) }), secret }
      } finally {
        // Also when the answer was lost: the key may be stored.
        access.close()
      }
    },
    list: (scope) => store.listKeys(scope),
    revoke: (scope, id) => store.revokeKey(scope, { id, at: clock.now() }),
    exist: async () => (await countKeys()) > 0,
    async authenticate(secret, { requireKey }) {
      if (secret !== null && isSame(secret, settings.localToken)) return defaultScope
      const key =
        secret === null ? null : await store.findKey(systemScope, { hash: hashOf(secret) })
      if (key !== null) {
        touch(key)
        return toScope(key)
      }
      return !requireKey && (await access.isOpen()) ? defaultScope : null
    },
  }
}

function toScope(key: AccessKey): TenantScope {
  return {
    kind: 'tenant',
    tenantId: key.tenantId,
    userId: key.userId,
    role: key.role,
    ...(key.agentIds !== null && { agentIds: key.agentIds }),
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares hashes, so that neither content nor length can be timed. */
function isSame(secret: string, expected: string | null): boolean {
  if (expected === null) return false
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hashOf(expected)))
}

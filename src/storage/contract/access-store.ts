import type { AccessKey } from '../../domain/access-key.ts'
import type { SystemScope, TenantScope } from '../../domain/scope.ts'

/** Tenants, users and keys. The default tenant and user exist in every database. */
export interface AccessStore {
  /** Stores a key by the SHA-256 of its secret (hex). `conflict` when the hash exists. */
  createKey(
    scope: TenantScope,
    input: { readonly key: AccessKey; readonly hash: string },
  ): Promise<AccessKey>
  /** All keys of the tenant, newest first, revoked ones too. */
  listKeys(scope: TenantScope): Promise<readonly AccessKey[]>
  /** Marks a key as revoked; a second time changes nothing. `not_found` when there is none. */
  revokeKey(
    scope: TenantScope,
    input: { readonly id: string; readonly at: number },
  ): Promise<AccessKey>
  /** The key with this hash that is not revoked, or null. Crosses tenants: it is what finds the tenant. */
  findKey(scope: SystemScope, input: { readonly hash: string }): Promise<AccessKey | null>
  /** Remembers that a key was used; at most one write a minute and key. */
  touchKey(scope: SystemScope, input: { readonly id: string; readonly at: number }): Promise<void>
  /** How many keys of any tenant are not revoked: decides whether a key is asked for. */
  countActiveKeys(scope: SystemScope): Promise<number>
}

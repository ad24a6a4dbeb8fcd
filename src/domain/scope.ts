/** What a key may do: everything; everything but keys and server settings; only read. */
export type AccessRole = 'admin' | 'member' | 'reader'

/**
 * Whose data an operation may touch. Every store operation takes one, and the engine puts `tenantId` into each
 * statement it runs (promise 7 of the design).
 */
export interface TenantScope {
  readonly kind: 'tenant'
  /** `org-<uuid4>`, called organization on the wire. */
  readonly tenantId: string
  /** `user-<uuid4>` of the acting user. */
  readonly userId: string
  /** What the acting user's key allows. */
  readonly role: AccessRole
  /** When present, only these agents exist for the caller. */
  readonly agentIds?: readonly string[]
}

/** The scope of the few operations that cross tenants: key look-up, job claim, lease recovery, migrations. */
export interface SystemScope {
  readonly kind: 'system'
}

/** The only value of {@link SystemScope}; naming it makes every crossing easy to find. */
export const systemScope: SystemScope = { kind: 'system' }

/** The tenant that exists in every database, with the id that clients of the original server expect. */
export const defaultTenantId = 'org-00000000-0000-4000-8000-000000000000'

/** The user that exists in every database, with the id that clients of the original server expect. */
export const defaultUserId = 'user-00000000-0000-4000-8000-000000000000'

/** The scope of the default user, used when no key is asked for. */
export const defaultScope: TenantScope = {
  kind: 'tenant',
  tenantId: defaultTenantId,
  userId: defaultUserId,
  role: 'admin',
}

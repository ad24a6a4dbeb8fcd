/**
 * Conditions that find single texts `d` of the index. Each can be answered by one index of the table only, so it does not matter
 * what the server believes of how many texts a tenant or scope has. What no index is to answer is asked with `IS TRUE`.
 */

/** Finds texts of a scope by their sequences; for the tenant and the scope's token. */
export const inScope = '(d.tenant_id = ?) IS TRUE AND d.tenant_scope = ?'

/** Finds texts of a scope by their threads and places, which the caller adds; for the tenant and the scope's token. */
export const inPlaces = '(d.tenant_id = ?) IS TRUE AND d.tenant_scope = ? COLLATE "POSIX"'

/** Finds texts of a scope by their ids, which the caller adds; for the tenant and the scope's token. */
export const amongItems = 'd.tenant_id = ? AND (d.tenant_scope = ?) IS TRUE'

import type { TokenFactor } from '../../domain/token-factor.ts'
import { Table } from './table.ts'

/** The table of what was learnt of how models count tokens. */
export const tokenFactorTable = new Table<TokenFactor>({
  name: 'token_factors',
  columns: { model: 'text', perThousand: 'integer', updatedAt: 'integer' },
})

/** The factor of a model. Values: tenant, model. */
export const selectFactorSql = `SELECT ${tokenFactorTable.list('f')} FROM token_factors f
  WHERE f.tenant_id = ? AND f.model = ?`

/** Stores a factor. Values: tenant, model, factor, time. */
export const putFactorSql = `INSERT INTO token_factors (tenant_id, model, per_thousand, updated_at)
  VALUES (?, ?, ?, ?) ON CONFLICT (tenant_id, model) DO UPDATE
  SET per_thousand = excluded.per_thousand, updated_at = excluded.updated_at`

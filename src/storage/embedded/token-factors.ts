import type { TokenFactorStore } from '../contract/token-factor-store.ts'
import { putFactorSql, selectFactorSql, tokenFactorTable } from '../engine/token-factor-rows.ts'
import type { Operations } from './operation.ts'

/** What was learnt of how models count tokens. */
export const tokenFactorOperations: Operations<keyof TokenFactorStore> = {
  getTokenFactor(connection, scope, { model }) {
    const row = connection.get(selectFactorSql, scope.tenantId, model)
    return row === undefined ? null : tokenFactorTable.read(row)
  },

  putTokenFactor(connection, scope, { factor: { model, perThousand, updatedAt } }) {
    connection.run(putFactorSql, scope.tenantId, model, perThousand, updatedAt)
  },
}

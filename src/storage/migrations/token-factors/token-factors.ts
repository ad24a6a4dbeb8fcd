import type { Migration } from '../migration.ts'

/** How the providers of models count tokens, learnt from what they report. */
export const tokenFactorsMigration: Migration = {
  number: 17,
  name: 'token-factors',
  embedded: `
    CREATE TABLE token_factors (
      tenant_id TEXT NOT NULL,
      model TEXT NOT NULL,
      per_thousand INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, model)
    ) STRICT, WITHOUT ROWID;
  `,
  postgres: `
    CREATE TABLE token_factors (
      tenant_id TEXT COLLATE "C" NOT NULL,
      model TEXT COLLATE "C" NOT NULL,
      per_thousand BIGINT NOT NULL,
      updated_at BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, model)
    );
  `,
}

import { QueryConditions, type Dialect } from '../engine/query-conditions.ts'
import type { SqlValue } from './sql-connection.ts'

/** How PostgreSQL says it. */
const postgres: Dialect<SqlValue> = {
  isAmong: (expression, values) => ({ sql: `${expression} = ANY(?)`, values: [values] }),
  contains: (expression, part) => ({
    sql: `strpos(letta_fold(${expression}), letta_fold(?)) > 0`,
    values: [part],
  }),
  hasMember: (column, name, value) => ({
    sql: `${column}::jsonb -> ? = ?::jsonb`,
    values: [name, JSON.stringify(value)],
  }),
  member: (column, name) => `${column}::jsonb -> '${name}'`,
  items: (column, alias) => `jsonb_array_elements_text(${column}::jsonb) ${alias} (value)`,
}

/** Collects the conditions of a query with their values. */
export class Conditions extends QueryConditions<SqlValue> {
  constructor() {
    super(postgres)
  }
}

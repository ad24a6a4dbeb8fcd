import { QueryConditions, type Dialect } from '../engine/query-conditions.ts'
import type { SqlInput } from '../engine/sql-value.ts'

/** How SQLite says it; lists are bound as JSON. */
const sqlite: Dialect<SqlInput> = {
  isAmong: (expression, values) => ({
    sql: `${expression} IN (SELECT value FROM json_each(?))`,
    values: [JSON.stringify(values)],
  }),
  contains: (expression, part) => ({
    sql: `instr(fold(${expression}), ?) > 0`,
    values: [part.toLowerCase()],
  }),
  hasMember: (column, name, value) => ({
    sql: `json_extract(${column}, ?) = json_extract(?, '$')`,
    values: [`$."${name.replaceAll('"', '')}"`, JSON.stringify(value)],
  }),
  member: (column, name) => `json_extract(${column}, '$.${name}')`,
  items: (column, alias) => `json_each(${column}) ${alias}`,
}

/** Collects the conditions of a query with their values. */
export class Conditions extends QueryConditions<SqlInput> {
  constructor() {
    super(sqlite)
  }
}

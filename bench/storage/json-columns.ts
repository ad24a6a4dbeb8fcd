/** The columns that hold JSON, of the tables that the measured operations read. */
const jsonColumns = new Set([
  'approvals',
  'body',
  'consolidation',
  'content',
  'extra',
  'metadata',
  'model_settings',
  'secrets',
  'tags',
  'tool_calls',
  'tool_ids',
  'tool_returns',
  'tool_rules',
])

/** Which of the columns of a query hold JSON; one that makes a list out of rows does, too. */
export function findJson(columns: readonly string[]): readonly string[] {
  return columns.filter((name) => jsonColumns.has(name) || name.includes('json_'))
}

/** Reads the JSON in rows that came as objects. */
export function readJson(
  rows: readonly Record<string, unknown>[],
  columns: readonly string[],
): void {
  for (const row of rows) {
    for (const column of columns) {
      const value = row[column]
      if (typeof value === 'string') row[column] = JSON.parse(value)
    }
  }
}

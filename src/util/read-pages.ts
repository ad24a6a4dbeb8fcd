/** How a list is read in pages. */
export interface PageReader<Row> {
  /** How many rows a page has; a shorter one is the last. */
  readonly limit: number
  /** Reads the rows after `last`, at most `limit`; undefined = from the beginning. */
  read(last: Row | undefined): Promise<readonly Row[]>
}

/** The pages of a list to its end, in its order. The last one may be empty. Throws as `read` does. */
export async function* readPages<Row>({
  limit,
  read,
}: PageReader<Row>): AsyncGenerator<readonly Row[], void, undefined> {
  let last: Row | undefined
  for (;;) {
    const page = await read(last)
    yield page
    if (page.length < limit) return
    last = page.at(-1)
  }
}

/** All rows of a list, in its order. Throws as `read` does. */
export async function readAll<Row>(reader: PageReader<Row>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of readPages(reader)) rows.push(...page)
  return rows
}

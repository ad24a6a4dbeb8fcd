import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countedAgain, searchCommonTerms } from '../conformance/candidate-search.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { openStore } from '../open-store.ts'

const copied = `document IN (SELECT document FROM search_documents WHERE item_id LIKE 'copy %')`

test('a choice of candidates passes over terms that are known to be common, until something of their scope is removed', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path })
  const database = new DatabaseSync(join(folder.path, 'letta.db'))
  const columns = `tenant_id, tenant_scope, tokens, token_count, created_at, thread, session, speaker, dates,
    word_count, is_question, is_temporal, listener_share`
  const found = await searchCommonTerms(store, {
    add: async (tokens, count) => {
      database.exec(`
        INSERT INTO search_documents (item_id, place, ${columns})
          WITH RECURSIVE copy (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM copy WHERE n < ${count})
          SELECT 'copy ' || n, place + 10 + n, ${columns}
          FROM search_documents JOIN copy WHERE tokens = '${tokens}';
        INSERT INTO search_index (rowid, own, speaker, dates)
          SELECT document, own, speaker, dates FROM search_terms WHERE ${copied}`)
    },
    remove: async () => {
      database.exec(`
        INSERT INTO search_index (search_index, rowid, own, speaker, dates)
          SELECT 'delete', document, own, speaker, dates FROM search_terms WHERE ${copied};
        DELETE FROM search_documents WHERE ${copied}`)
    },
  })
  expect(found).toEqual(countedAgain)
  database.close()
  await store.close()
  await folder.remove()
})

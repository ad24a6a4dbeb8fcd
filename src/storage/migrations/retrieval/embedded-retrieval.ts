/** For SQLite; see `retrieval.ts`. */
export const embeddedRetrieval = `
  CREATE TABLE search_threads (
    tenant_id TEXT NOT NULL,
    thread TEXT NOT NULL,
    tenant_scope TEXT NOT NULL,
    place INTEGER NOT NULL,
    session INTEGER NOT NULL,
    label TEXT,
    said_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, thread, tenant_scope)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE search_documents ADD COLUMN speaker TEXT NOT NULL DEFAULT '';
  ALTER TABLE search_documents ADD COLUMN dates TEXT NOT NULL DEFAULT '';
  ALTER TABLE search_documents ADD COLUMN word_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE search_documents ADD COLUMN is_question INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE search_documents ADD COLUMN is_temporal INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE search_documents ADD COLUMN thread TEXT NOT NULL DEFAULT '';
  ALTER TABLE search_documents ADD COLUMN place INTEGER;
  ALTER TABLE search_documents ADD COLUMN session INTEGER;

  UPDATE search_documents SET
    word_count = token_count * 2,
    thread = coalesce(conversation_id, ''),
    dates = CASE strftime('%w', created_at / 1000, 'unixepoch')
        WHEN '0' THEN 'sunday' WHEN '1' THEN 'monday' WHEN '2' THEN 'tuesday' WHEN '3' THEN 'wednesday'
        WHEN '4' THEN 'thursday' WHEN '5' THEN 'friday' ELSE 'saturday' END
      || ' ' || CAST(strftime('%d', created_at / 1000, 'unixepoch') AS INTEGER) || ' '
      || CASE strftime('%m', created_at / 1000, 'unixepoch')
        WHEN '01' THEN 'januari' WHEN '02' THEN 'februari' WHEN '03' THEN 'march' WHEN '04' THEN 'april'
        WHEN '05' THEN 'may' WHEN '06' THEN 'june' WHEN '07' THEN 'juli' WHEN '08' THEN 'august'
        WHEN '09' THEN 'septemb' WHEN '10' THEN 'octob' WHEN '11' THEN 'novemb' ELSE 'decemb' END
      || ' ' || strftime('%Y', created_at / 1000, 'unixepoch');

  UPDATE search_documents SET place = placed.place, session = placed.session FROM (
    SELECT document, place, max(CASE WHEN is_first THEN place END) OVER (
        PARTITION BY tenant_id, thread, tenant_scope ORDER BY document ROWS UNBOUNDED PRECEDING
      ) AS session FROM (
        SELECT document, tenant_id, thread, tenant_scope,
          row_number() OVER own - 1 AS place,
          coalesce(abs(created_at - lag(created_at) OVER own) > 3600000, 1) AS is_first
        FROM search_documents WHERE role IS NULL OR role <> 'tool'
        WINDOW own AS (PARTITION BY tenant_id, thread, tenant_scope ORDER BY document)
      )
  ) placed WHERE placed.document = search_documents.document;

  INSERT INTO search_threads (tenant_id, thread, tenant_scope, place, session, label, said_at)
    SELECT d.tenant_id, d.thread, d.tenant_scope, d.place, d.session, NULL, d.created_at
    FROM search_documents d JOIN (
      SELECT max(document) AS document FROM search_documents WHERE place IS NOT NULL
      GROUP BY tenant_id, thread, tenant_scope
    ) newest ON newest.document = d.document;

  CREATE INDEX search_documents_by_place ON search_documents (tenant_id, tenant_scope, thread, place);

  -- Each term with its scope before it, so that a term's entry lists the texts of one agent or archive only.
  CREATE VIEW search_terms AS SELECT
    document,
    tenant_id,
    CASE tokens WHEN '' THEN '' ELSE
      substr(tenant_scope, 1, 13) || '_' || replace(tokens, ' ', ' ' || substr(tenant_scope, 1, 13) || '_') END AS own,
    CASE speaker WHEN '' THEN '' ELSE
      substr(tenant_scope, 1, 13) || '_' || replace(speaker, ' ', ' ' || substr(tenant_scope, 1, 13) || '_') END AS speaker,
    CASE dates WHEN '' THEN '' ELSE
      substr(tenant_scope, 1, 13) || '_' || replace(dates, ' ', ' ' || substr(tenant_scope, 1, 13) || '_') END AS dates
  FROM search_documents;

  DROP TABLE search_index;
  CREATE VIRTUAL TABLE search_index USING fts5 (
    own,
    speaker,
    dates,
    content = 'search_terms',
    content_rowid = 'document',
    tokenize = "ascii tokenchars '_'"
  );
  INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);
  INSERT INTO search_index (search_index) VALUES ('rebuild');
  CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab ('search_index', 'row');

  CREATE TABLE imported_messages (
    tenant_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    otid TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, otid)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX imported_messages_by_conversation ON imported_messages (tenant_id, conversation_id);
`

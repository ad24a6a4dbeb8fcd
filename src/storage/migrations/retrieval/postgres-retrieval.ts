/** For PostgreSQL; see `retrieval.ts`. */
export const postgresRetrieval = `
  CREATE TABLE search_threads (
    tenant_id TEXT COLLATE "C" NOT NULL,
    thread TEXT COLLATE "C" NOT NULL,
    tenant_scope TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    session BIGINT NOT NULL,
    label TEXT COLLATE "C",
    said_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, thread, tenant_scope)
  );

  ALTER TABLE search_documents
    ADD COLUMN speaker TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN dates TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN word_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN is_question BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN is_temporal BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN thread TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN place BIGINT,
    ADD COLUMN session BIGINT;

  UPDATE search_documents SET
    word_count = token_count * 2,
    thread = coalesce(conversation_id, ''),
    dates = (ARRAY['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'])
        [extract(dow FROM to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC')::int + 1]
      || ' ' || extract(day FROM to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC')::int || ' '
      || (ARRAY['januari', 'februari', 'march', 'april', 'may', 'june', 'juli', 'august', 'septemb', 'octob',
          'novemb', 'decemb'])[extract(month FROM to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC')::int]
      || ' ' || extract(year FROM to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC')::int;

  UPDATE search_documents d SET place = placed.place, session = placed.session FROM (
    SELECT tenant_id, item_id, place, max(CASE WHEN is_first THEN place END) OVER (
        PARTITION BY tenant_id, thread, tenant_scope ORDER BY sequence ROWS UNBOUNDED PRECEDING
      ) AS session FROM (
        SELECT tenant_id, item_id, thread, tenant_scope, sequence,
          row_number() OVER own - 1 AS place,
          coalesce(abs(created_at - lag(created_at) OVER own) > 3600000, true) AS is_first
        FROM search_documents WHERE role IS NULL OR role <> 'tool'
        WINDOW own AS (PARTITION BY tenant_id, thread, tenant_scope ORDER BY sequence)
      ) counted
  ) placed WHERE placed.tenant_id = d.tenant_id AND placed.item_id = d.item_id;

  INSERT INTO search_threads (tenant_id, thread, tenant_scope, place, session, label, said_at)
    SELECT DISTINCT ON (tenant_id, thread, tenant_scope)
      tenant_id, thread, tenant_scope, place, session, NULL, created_at
    FROM search_documents WHERE place IS NOT NULL
    ORDER BY tenant_id, thread, tenant_scope, place DESC;

  CREATE INDEX search_documents_by_place ON search_documents (tenant_id, tenant_scope, thread, place);
  DROP INDEX search_documents_by_scope;

  CREATE TABLE imported_messages (
    tenant_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    otid TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, otid)
  );
  CREATE INDEX imported_messages_by_conversation ON imported_messages (tenant_id, conversation_id);
`
